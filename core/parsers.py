"""How the API reads a body. A room of its own: rest_framework.views imports it, and core.api imports those."""

from __future__ import annotations

from typing import Any

from rest_framework import exceptions
from rest_framework.parsers import JSONParser


class JSONObject(JSONParser):
    """A body of JSON that is an object; anything else answers 422."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        body = super().parse(stream, media_type=media_type, parser_context=parser_context)
        if not isinstance(body, dict):
            raise exceptions.ValidationError({"__all__": ["请求正文应为一个 JSON 对象"]})
        return body
