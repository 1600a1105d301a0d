"""What is done to the house, in what mixture. The seed decides what happens; time does when."""

import random
from dataclasses import dataclass, field

# Recipients whose server breaks, and what must become of their mail.
FAULTS = {
    "rcpt-451+1": "sent",
    "data-451+1": "sent",
    "body-drop+1": "sent",
    "dot-452+1": "sent",
    "rcpt-550": "failed",
    "dot-554": "failed",
    "dot-drop": "unknown",
}
CUT_EVERY = 2.0


@dataclass(frozen=True, kw_only=True)
class Plan:
    """`mixture` is how often each deed comes in its round; `cut_every` is how often all of the
    workers' connections to the database are cut, in seconds; 0 is never. A frozen broker thaws
    after `broker_frozen` seconds.
    """

    mixture: dict[str, int]
    cut_every: float = 0
    broker_frozen: float = 5
    faults: dict[str, str] = field(default_factory=dict)

    def get_deeds(self, count: int, chance: random.Random) -> list[str]:
        """Rounds of the mixture, each in an order of its own, until there are `count`."""
        deeds: list[str] = []
        while len(deeds) < count:
            around = [deed for deed, times in self.mixture.items() for _ in range(times)]
            chance.shuffle(around)
            deeds += around
        return deeds[:count]


PLANS = {
    "kills": Plan(mixture={"kill": 1}),
    "broker": Plan(
        mixture={
            "kill": 8,
            "restart_broker": 5,
            "cut_broker": 4,
            "flush_broker": 1,
            "freeze_broker": 1,
        },
    ),
    "frozen": Plan(mixture={"kill": 2, "freeze_broker": 1}, broker_frozen=60),
    "database": Plan(mixture={"kill": 1}, cut_every=CUT_EVERY),
    "all": Plan(
        mixture={"kill": 6, "restart_broker": 2, "cut_broker": 1, "flush_broker": 1, "freeze": 1},
        cut_every=CUT_EVERY,
        faults=FAULTS,
    ),
}


def get_emails(plan: Plan, count: int) -> list[str]:
    """`count` people, one in fifty at a server that breaks where the plan has such."""
    faults = list(plan.faults)
    return [
        f"{faults[number // 50 % len(faults)]}@mx{number}.example.se"
        if faults and number % 50 == 0
        else f"person{number}@example.se"
        for number in range(count)
    ]


def get_expected(plan: Plan, email: str) -> str:
    """The state in which the mail must end; unknown is always possible."""
    return plan.faults.get(email.partition("@")[0], "sent")
