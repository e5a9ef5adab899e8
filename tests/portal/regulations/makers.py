"""Small law texts."""


def law_text(*body: str, title: str = "检修作业管理规定", events: tuple[str, ...] = ("2020年1月1日 发布",)) -> str:
    """A law file: title, events, mark, body lines."""
    return "\n\n".join([f"# {title}", *events, "<!-- INFO END -->", *body]) + "\n"


LONG = (
    "第一条 为了规范检修作业，保障人身和设备安全，根据有关法律法规，结合公司实际，制定本规定。",
    "第二条 检修作业应当填写工作票，工作票由值班负责人签发，未经签发不得开工。",
    "第三条 作业结束后，工作负责人应当清点工具和人员，办理工作票终结手续。",
)
