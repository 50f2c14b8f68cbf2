"""The one step under the plan: a section reports on a dated item."""

from core.lifecycle import Step
from supervision.permissions import may_report

# A report has no states to go through: it is handed in, and stays. So the step stands alone, without a lifecycle.
REPORT = Step(
    "report",
    "报告并上传附件",
    from_="due",
    to="reported",
    who=may_report,
    form="supervision.forms.ReportForm",
    service="supervision.services.report_plan_item",
)
