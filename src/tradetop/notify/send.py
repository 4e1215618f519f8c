"""The way out: each kind of receiver by its own road."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import Protocol

from tradetop.notify.fault import Failure
from tradetop.notify.receiver import Receiver, ReceiverKind
from tradetop.notify.state import Delivery


class Send(Protocol):
    """How deliveries go out; `send` is it, a test may give another."""

    def __call__(self, receiver: Receiver, deliveries: Sequence[Delivery], t: int) -> Awaitable[Failure | None]:
        """Send these deliveries at `t` (ms); None where they arrived."""
        ...


async def send(receiver: Receiver, deliveries: Sequence[Delivery], t: int) -> Failure | None:
    """Send deliveries through apprise, one message after the other, or all of them to Alertmanager."""
    if receiver.kind is ReceiverKind.ALERTMANAGER:
        from tradetop.notify.alertmanager import post

        return await post(receiver, deliveries, t)
    from tradetop.notify.services import push

    for delivery in deliveries:
        failure = await push(receiver, delivery)
        if failure is not None:
            return failure
    return None
