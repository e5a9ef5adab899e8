"""The rights of the pages app."""

from portal.ground.rights import declare

SEE_STYLEGUIDE = declare("pages.see_styleguide", "查看组件样张", "See the style guide")
