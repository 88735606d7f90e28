"""Files read by the workers of a Ray cluster.

    session.py    the one connection this process has to a cluster: made, lost, made again
    tasks.py      what runs on a worker
    flight.py     files that are with the cluster: how many at a time, which to send again
    executor.py   the loop that sends files and takes in what became of them

Whoever reaches a Ray cluster can run programs on it: keep its ports to a network of its own.
"""
