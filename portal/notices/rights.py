"""Rights over notices."""

from portal.ground.rights import declare

SEND = declare("notices.send", "发送通知并查看阅读情况", "Send notices and see who has read them")
