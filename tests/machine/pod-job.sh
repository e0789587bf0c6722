# The commands of the pod: command.N files of the share, one after another. A FIFO that nobody writes
# to is a sleep without a process.
mkfifo -m 600 /run/pod-job; exec 9<>/run/pod-job
n=1
while :; do
  while [ ! -e /share/command.$n ]; do read -t 0.05 -u 9; done
  ( . /share/command.$n ) >/share/output.$n 2>&1 </dev/null
  echo $? >/share/.code.$n; mv /share/.code.$n /share/code.$n
  n=$((n+1))
done
