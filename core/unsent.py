"""Why a message was not sent, in words for whoever looks after it. What a server or a library said might hold what was sent, and is kept out
but for a robot's own answer.
"""

from __future__ import annotations

import smtplib
import socket
import ssl
from datetime import timedelta
from typing import Final

from core.jobs import Postponed

# In this order: the first kind that fits.
_UNREACHED: Final = (
    (TimeoutError, "服务器没有答复"),
    (ssl.SSLError, "服务器的证书不受信任，或者加密连接没有建立"),
    (socket.gaierror, "找不到服务器"),
    (ConnectionRefusedError, "服务器拒绝连接"),
    (smtplib.SMTPServerDisconnected, "邮件服务器中断了连接"),
    (smtplib.SMTPAuthenticationError, "邮件服务器不接受登录的用户名或者密码"),
    (smtplib.SMTPRecipientsRefused, "邮件服务器不接受收件人的邮箱地址"),
    (smtplib.SMTPSenderRefused, "邮件服务器不接受发件人的邮箱地址"),
)

# What both say when they take a message no more for a while, with how long they refuse it then.
TOO_OFTEN: Final = {
    "45009": timedelta(minutes=1),
    "130101": timedelta(minutes=10),
    "410100": timedelta(minutes=10),
}
ANSWERS: Final = {
    "-1": "机器人的服务器繁忙",
    "45009": "发送过于频繁，被限流",
    "130101": "发送过于频繁，被限流",
    "410100": "发送过于频繁，被限流",
    "93000": "机器人的网址无效，或者机器人已被移出群",
    "400101": "机器人的网址无效（令牌不存在）",
    "400102": "机器人在钉钉中已停用",
    "400106": "机器人在钉钉中不存在",
    "400013": "群已解散",
    "310000": "消息没有通过机器人的安全设置（加签密钥、关键词或者IP地址）",
}


class NotTaken(Postponed):
    """A server did not take the message. The message says why, and holds no token."""


def why_unreached(error: Exception) -> str:
    """What went wrong on the way, in words of ours."""
    known = next((text for kind, text in _UNREACHED if isinstance(error, kind)), "")
    if known or not isinstance(error, smtplib.SMTPResponseException):
        return known or f"连接中断（{type(error).__name__}）"
    return f"邮件服务器没有接收（{error.smtp_code}）"


def refused(code: object, said: str) -> NotTaken:
    """What a robot's server answered instead of taking the message; `said` holds no token."""
    words = ANSWERS.get(str(code))
    text = f"{words}（{code} {said}）" if words else f"服务器拒绝：{code} {said}"
    return NotTaken(text, pause=TOO_OFTEN.get(str(code), timedelta()))
