"""A recording from its making to its index (Weihai measures 16-17, plan 6), and the request to see one. One row, one step."""

from core.lifecycle import Lifecycle, Step
from recording.models import AccessState as A
from recording.models import RecordingState as S
from recording.permissions import may_decide_access, may_hand_in


def _step(key: str, label: str, from_: str | tuple[str, ...], to: str, who, form: str, service: str, **more) -> Step:  # type: ignore[no-untyped-def]
    return Step(
        key, label, from_, to, who, form=f"recording.forms.{form}", service=f"recording.services.{service}", **more
    )


# fmt: off
RECORDING = Lifecycle(
    name="recording",
    title="音像记录归集",
    states=S,
    initial=(S.MADE,),
    steps=(
        #     key       label           from                     to         who                form         service             what must hold first, and the article
        _step("store",  "上传入库",     S.MADE,                  S.STORED,  may_hand_in,       "StoreForm", "store_recording",  demands=("original_recording_immutable",), article="WH-MEAS-17a"),
        _step("index",  "编制索引",     (S.STORED, S.INDEXED),   S.INDEXED, may_hand_in,       "IndexForm", "index_recording",  demands=("original_recording_immutable",), article="WH-PLAN-6.3b", done=lambda row: row.state == S.INDEXED),
    ),
)

ACCESS = Lifecycle(
    name="access",
    title="音像记录调阅",
    states=A,
    initial=(A.REQUESTED,),
    steps=(
        _step("approve", "批准调阅",    A.REQUESTED,             A.APPROVED, may_decide_access, "ApproveAccessForm", "approve_access", article="WH-PLAN-6.4a"),
        _step("refuse",  "不批准调阅",  A.REQUESTED,             A.REFUSED,  may_decide_access, "RefuseAccessForm",  "refuse_access",  article="WH-PLAN-6.4a", primary=False),
    ),
)
# fmt: on
