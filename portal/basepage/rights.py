"""Rights on pages."""

from portal.ground.rights import declare

EDIT = declare("pages.edit", "编写页面", "Write pages").code
REVIEW = declare("pages.review", "审核页面", "Review pages").code
PUBLISH = declare("pages.publish", "直接发布和下线页面", "Publish and unpublish pages directly").code

RIGHT_OF_ACTION = {
    "add": EDIT,
    "change": EDIT,
    "delete": EDIT,
    "publish": PUBLISH,
    "lock": PUBLISH,
    "unlock": PUBLISH,
    "bulk_delete": PUBLISH,
}
