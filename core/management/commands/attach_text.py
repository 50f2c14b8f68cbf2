"""Attach an instrument's official text: compare it with the rules' quotes, list what differs, keep it for display where nothing does."""

from __future__ import annotations

import getpass
import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from core import law, texts
from rulebook.files import why_unread
from rulebook.model import RulebookError
from rulebook.pasting import decoded


class Command(BaseCommand):
    help = "附上法规、文件的官方文本：按条拆分，逐条核对规则引文，保存供页面展示；引文不符时不保存，退出码为1"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("instrument", help="文件标识，如 weihai-2020-supervision-measures")
        parser.add_argument("file", type=Path, help="官方文本（纯文本或 Markdown）")
        parser.add_argument("--checked-by", default="", help="核对人姓名，默认当前系统用户")
        parser.add_argument("--json", action="store_true", help="以JSON回答")

    def handle(self, *args: Any, instrument: str, file: Path, checked_by: str, **options: Any) -> None:
        try:
            text, _ = decoded(file.read_bytes())
            name = checked_by or getpass.getuser()
            row, results = texts.attach(instrument, text, checked_by=name)
            articles, differing = row.articles, []
        except texts.QuotesDiffer as wrong:
            articles, results, differing = wrong.articles, wrong.results, wrong.differing
        except OSError as wrong:
            raise CommandError(f"读不出 {file.name}：{why_unread(wrong)}") from wrong
        except (texts.TextRefused, RulebookError) as wrong:
            raise CommandError(str(wrong)) from wrong
        title = law.rulebook().instrument(instrument).title
        exact = sum(result.match == "exact" for result in results)
        folded = sum(result.match == "folded" for result in results)
        if options["json"]:
            answer = {
                "instrument": instrument,
                "title": title,
                "articles": len(articles),
                "quotes": len(results),
                "exact": exact,
                "folded": folded,
                "differing": [
                    {"rule": each.rule, "article": each.article, "why": each.words, "quote": each.quote}
                    for each in differing
                ],
                "checked_by": name,
            }
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            self.stdout.write(f"《{title}》：{len(articles)}条，核对引文{len(results)}处")
            self.stdout.write(
                f"一致{exact}处，仅标点、全半角或空格不同{folded}处，不符{len(differing)}处；核对人{name}"
            )
            for result in differing:
                self.stdout.write(f"  {result.rule} {result.article}：{result.words}\n    引文：{result.quote}")
        if differing:
            raise CommandError(f"{len(differing)}处引文与官方文本不符，文本没有附上", returncode=1)
