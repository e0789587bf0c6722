"""Arguments of QEMU's command line that both machines use; pure."""

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

Value = str | int | bool

HOST_INSIDE = "10.0.2.100"  # where the ports of the host's loopback are found from inside
BOOT_WORDS = (
    "console=ttyS0 quiet panic=-1 nokaslr mitigations=off random.trust_cpu=on tsc=reliable"
    " no_timer_check"
)
"""Of the kernel: the first three make its words readable and its end ours, the rest save seconds
where every instruction is emulated."""


def quote(value: Value) -> str:
    """A value inside an option: its commas are doubled, or QEMU would begin the next one."""
    if isinstance(value, bool):
        return "on" if value else "off"
    return str(value).replace(",", ",,")


def device(properties: Mapping[str, Value]) -> list[str]:
    """`-device` with the properties; `driver` comes first."""
    rest = [f"{key}={quote(value)}" for key, value in properties.items() if key != "driver"]
    return ["-device", ",".join([str(properties["driver"]), *rest])]


def shared_folder(tag: str, folder: Path, *, writable: bool = False) -> list[str]:
    """A folder of the host that the machine can mount over 9p by its tag."""
    text = f"local,path={quote(str(folder))},mount_tag={tag},security_model=none,multidevs=remap"
    return ["-virtfs", text if writable else f"{text},readonly=on"]


def network(
    ports: Sequence[int], expose: Sequence[tuple[int, int]], connect: Sequence[str]
) -> list[str]:
    """A network that leads nowhere but to these ports.

    ports: of the host's loopback, reachable from inside at HOST_INSIDE; `connect` and the port is
    the command that passes one connection on. expose: (host's port, machine's port), from the
    host's loopback to the machine.
    """
    options = ["user", "id=net0", "restrict=on"]
    options += [f"hostfwd=tcp:127.0.0.1:{outside}-:{inside}" for outside, inside in expose]
    for port in ports:
        command = shlex.join([*connect, str(port)])
        options.append(f"guestfwd={quote(f'tcp:{HOST_INSIDE}:{port}-cmd:{command}')}")
    card = {"driver": "virtio-net-pci", "netdev": "net0", "romfile": ""}
    return ["-netdev", ",".join(options), *device(card)]


def basis(console: Path, kernel: Path, initramfs: Path, words: str, qmp_fd: int) -> list[str]:
    """What every machine has: a board, a console in a file, a kernel, QMP on an open socket."""
    return [
        *("-machine", "q35", "-nodefaults", "-no-user-config", "-display", "none", "-no-reboot"),
        *("-chardev", f"file,id=console,path={quote(str(console))}", "-serial", "chardev:console"),
        *("-chardev", f"socket,id=qmp,fd={qmp_fd}", "-mon", "chardev=qmp,mode=control"),
        *("-kernel", str(kernel), "-initrd", str(initramfs)),
        *("-append", f"{BOOT_WORDS} {words}"),
    ]
