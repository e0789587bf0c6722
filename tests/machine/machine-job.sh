# The commands of the small machine: command.N files of the share, one after another.
cd /root
n=1
while :; do
  while [ ! -e /share/command.$n ]; do /bb/usleep 100000; done
  ( . /share/command.$n ) >/share/output.$n 2>&1 </dev/null
  echo $? >/share/.code.$n; /bb/mv /share/.code.$n /share/code.$n
  n=$((n+1))
done
