"""The rights of this app."""

from portal.ground.rights import declare

declare("regulations.edit", "录入和修改法规制度", "Enter and edit regulations")
declare("regulations.publish", "发布和撤回法规制度", "Publish and withdraw regulations")
