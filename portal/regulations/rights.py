"""The rights of this app."""

from portal.ground.rights import declare

declare("regulations.edit", "录入和修改法规制度", "Enter and edit regulations")
declare("regulations.publish", "发布和撤回法规制度", "Publish and withdraw regulations")
declare("regulations.answer", "答复法规制度的提问", "Answer questions about regulations")
