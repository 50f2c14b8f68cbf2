"""What holds the rules of recordings where no step is asked: the form, the service and the database that refuse."""

from core.constraints import Checked, Trigger, constraint
from recording import services
from recording.forms import IndexForm
from recording.models import AccessRequest, Recording

# Time stands with the recording itself, which cannot be without it; the other four elements are asked for.
constraint(
    "recording_elements",
    IndexForm,
    Checked(Recording, "an_indexed_recording_has_its_five_elements_weihai_16"),
    Checked(Recording, "a_recording_ends_after_it_starts"),
)
# Asked before the first byte of a content is given out.
constraint(
    "recording_access_approved",
    services.record_access,
    Checked(AccessRequest, "nobody_approves_their_own_request_plan_6"),
    Checked(AccessRequest, "a_decided_request_has_who_and_when"),
)
constraint(
    "recordings_never_disposed",
    Recording,
    Trigger("recording_recording", "recording_original_stays"),
    Trigger("core_storedfile", "core_storedfile_stays"),
)
