"""What the pod has beyond its packages: a name, a network, the service that runs our commands."""

INIT = """#!/bb/busybox sh
B=/bb/busybox
$B mount -t devtmpfs dev /dev
for module in $($B cat /mod/order); do $B insmod /mod/$module; done
$B mount -t ext4 -o rw,noatime /dev/vda /root && exec $B switch_root /root /sbin/init
echo "pod: no root disk"; $B sleep 1; $B poweroff -f
"""

_NETWORK = """[Match]
Driver=virtio_net
[Network]
Address=10.0.2.15/24
Gateway=10.0.2.2
LinkLocalAddressing=no
IPv6AcceptRA=no
"""

_JOB = """[Unit]
Description=Commands from the host
[Service]
Type=exec
ExecStartPre=/sbin/modprobe -a 9p 9pnet_virtio
ExecStartPre=/bin/mkdir -p /share
ExecStartPre=/bin/mount -t 9p -o trans=virtio,version=9p2000.L,msize=524288,cache=none share /share
ExecStart=/bin/bash /share/job.sh
Environment=HOME=/root LC_ALL=C.UTF-8 SYSTEMD_PAGER= DEBIAN_FRONTEND=noninteractive
WorkingDirectory=/root
[Install]
WantedBy=multi-user.target
"""

_FORWARD = """[Unit]
Description=127.0.0.1:%i is the host's 127.0.0.1:%i
[Service]
ExecStart=/usr/bin/python3 /share/forward.py listen 10.0.2.100 %i
DynamicUser=yes
"""

FILES = {
    "etc/hostname": "pod\n",
    "etc/hosts": "127.0.0.1 localhost pod\n",
    "etc/fstab": "/dev/vda / ext4 noatime 0 1\n",
    # One that is there: a first boot costs seconds.
    "etc/machine-id": "0123456789abcdef0123456789abcdef\n",
    "etc/systemd/network/pod.network": _NETWORK,
    "etc/systemd/system/pod-job.service": _JOB,
    "etc/systemd/system/pod-forward@.service": _FORWARD,
}

ENABLED = ("pod-job.service", "systemd-networkd.service")
MASKED = (
    "getty@tty1.service",
    "serial-getty@ttyS0.service",
    "systemd-networkd-wait-online.service",
    "apt-daily.timer",
    "apt-daily-upgrade.timer",
    "dpkg-db-backup.timer",
    "e2scrub_all.timer",
    "e2scrub_reap.service",
    "fstrim.timer",
    "systemd-pstore.service",
    "nvmf-autoconnect.service",  # 4 s for nothing
    "smartmontools.service",  # at boot it finds no drives yet, and its unit fails
)
