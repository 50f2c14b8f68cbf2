"""The ledger as rows. Every row here is written by the database (core/migrations/0003_ledger_triggers.py) and none is
ever changed.

No foreign keys lead from here to live rows. Within the ledger the links carry no constraint either: nothing can be
deleted, and what a database administrator deletes all the same is for `core.ledger.verify` to name.
"""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models


class WrittenByTheDatabase(models.Model):
    """A row that only the ledger's SQL writes; `core.ledger` is the way to it."""

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("记录链只能经 core.ledger 写入 (write through core.ledger)")

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("记录链不得删除 (the ledger is append-only)")


class LedgerEntry(WrittenByTheDatabase):
    """One line of one file's chain. `hash = sha256(prev_hash + "\\n" + stream + "\\n" + seq + "\\n" + body)`, UTF-8,
    lower-case hex.

    `seq` counts from 1; the first line's `prev_hash` is 64 zeros. `body` is one JSON object in one line; its first
    member `@recorded_at` is put there by the database, so that the recorded moment is under the hash as well.
    `recorded_at` repeats it.
    """

    stream = models.TextField("文件")
    seq = models.BigIntegerField("序号")
    body = models.TextField("内容")
    prev_hash = models.CharField("前一行摘要", max_length=64)
    hash = models.CharField("摘要", max_length=64)
    recorded_at = models.DateTimeField("入账时间")

    class Meta:
        verbose_name = verbose_name_plural = "记录链"
        constraints = [
            models.UniqueConstraint(name="ledger_one_line_per_place", fields=["stream", "seq"]),
            models.UniqueConstraint(name="ledger_no_fork", fields=["stream", "prev_hash"]),
            models.CheckConstraint(
                name="ledger_stream_is_one_short_line",
                condition=models.Q(stream__regex=r"^[^[:cntrl:]]{1,200}$"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.stream} 第{self.seq}行"


class LogQueue(WrittenByTheDatabase):
    """An entry that waits for the log, as it was when appended. Filled by a trigger, emptied by the sealer."""

    entry = models.OneToOneField(
        LedgerEntry, models.DO_NOTHING, primary_key=True, related_name="queued", db_constraint=False
    )
    stream = models.TextField("文件")
    seq = models.BigIntegerField("序号")
    hash = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "待封存"

    def __str__(self) -> str:
        return f"{self.stream} 第{self.seq}行"


class LogLeaf(WrittenByTheDatabase):
    """The place of an entry in the RFC 6962 log: from 0, without gaps, in sealing order.

    `stream`, `seq` and `hash` repeat the entry, so that a line altered or deleted afterwards can be named.
    """

    log_index = models.BigIntegerField("日志序号", primary_key=True)
    entry = models.OneToOneField(LedgerEntry, models.DO_NOTHING, related_name="leaf", db_constraint=False)
    stream = models.TextField("文件")
    seq = models.BigIntegerField("序号")
    hash = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "封存日志"

    def __str__(self) -> str:
        return f"{self.log_index}: {self.stream} 第{self.seq}行"


class LogNode(WrittenByTheDatabase):
    """The hash over leaves [index * 2**level, (index + 1) * 2**level), once they are all there. Level 0 is the
    leaves' own and not stored.
    """

    pk = models.CompositePrimaryKey("level", "index")
    level = models.SmallIntegerField("层")
    index = models.BigIntegerField("位置")
    hash = models.BinaryField("摘要")

    class Meta:
        verbose_name = verbose_name_plural = "日志节点"

    def __str__(self) -> str:
        return f"{self.level}/{self.index}"


class Seal(WrittenByTheDatabase):
    """The log's state at one moment, published so that it leaves the system.

    `root` is the RFC 6962 tree hash of the first `size` leaves, in hex. `hash = sha256(previous + "\\n" + size +
    "\\n" + root + "\\n" + sealed_at)`, where `previous` is the hash of the seal before (64 zeros for the first) and
    `sealed_at` is written as `YYYY-MM-DDTHH:MM:SS.ffffff+08:00`.
    """

    size = models.BigIntegerField("行数", unique=True)
    root = models.CharField("根摘要", max_length=64)
    previous = models.CharField("前一封存摘要", max_length=64, unique=True)
    sealed_at = models.DateTimeField("封存时间")
    hash = models.CharField("封存摘要", max_length=64, unique=True)

    class Meta:
        verbose_name = verbose_name_plural = "封存"
        ordering = ["-size"]
        get_latest_by = "size"

    def __str__(self) -> str:
        return f"{self.size} 行 {self.root[:12]}"
