"""A budget that tells afterwards what was done."""

from webhook.domain.kubernetes.budget import Budget, Work


class CountingBudget(Budget):
    """Notes the work that was really admitted, without what was refused."""

    def __init__(self) -> None:
        super().__init__()
        self.admitted = dict.fromkeys(Work, 0)

    def spend(self, work: Work, amount: int) -> None:
        super().spend(work, amount)
        self.admitted[work] += amount
