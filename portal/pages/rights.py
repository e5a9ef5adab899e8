"""The rights of the pages app."""

from portal.ground.rights import declare

SEE_STYLEGUIDE = declare("pages.see_styleguide", "查看组件样张", "See the style guide")
CHANGE_SETTINGS = declare("pages.change_settings", "修改站点外观与导航", "Change the look and navigation of the site")
