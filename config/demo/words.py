"""What the demonstration's files say: invented summaries, orders and numbers."""

REMEDIES = "对本决定不服的，可以在法律规定的期限内依法向威海市人民政府申请行政复议，或者依法向人民法院提起行政诉讼。复议、诉讼期间不停止执行，法律另有规定的除外。"
SURNAMES = "赵钱孙李周吴郑王冯陈"
SUMMARIES = {
    "inspection-26-1": "投诉反映{party}拖欠{workers}名劳动者工资，经催要仍不支付。",
    "inspection-30-2": "审查书面材料发现{party}没有按要求报送工资支付情况，涉及{workers}名劳动者。",
    "inspection-30-1": "检查中{party}拒绝提供用工资料，阻挠检查人员进入工作场所。",
    "inspection-25": "举报反映{party}安排{workers}名劳动者每日延长工作时间超过规定。",
}
ORDERS = {
    "inspection-26-1": "足额支付拖欠的劳动者工资",
    "inspection-30-2": "如实报送工资支付书面材料",
    "inspection-30-1": "配合检查，提供用工资料",
    "inspection-25": "停止违法延长工作时间并依法安排补休",
}
# Who disobeys the order of the inspection breaches the duty to comply and to cooperate; so does who conceals or resists.
VIOLATED = "《劳动保障监察条例》第六条关于用人单位应当遵守劳动保障法律、法规和规章，接受并配合劳动保障监察的规定"
# What is established once the order was not obeyed; every other suspicion is established as it was suspected.
ESTABLISHED = {"inspection-26-1": "inspection-30-3"}
_CODE = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def credit_code(number: int) -> str:
    """An invented unified social credit code with a right check character (GB 32100-2015)."""
    body = f"91371000MA000{number:03d}0"[:17]
    total = sum(_CODE.index(character) * weight for character, weight in zip(body, _WEIGHTS, strict=True))
    return body + _CODE[(31 - total % 31) % 31]
