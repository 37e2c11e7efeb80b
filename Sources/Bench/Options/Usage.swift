package let usage = """
  lmcache-bench measures servers that speak lm:// or redis://, side by side.

  usage: lmcache-bench COMMAND [options] TARGET [--vs TARGET]...
  target: lm://host:port or redis://host:port

  Rounds alternate between the targets (A B C A B C ...), so that a disturbance hits all of them alike;
  the table gives medians over the rounds, and each target's ratio to the first one, taken round by round.

  commands
    get            read values that were stored beforehand
    put            store values again and again under the same keys (warm)
    fill           store every key for the first time (cold): each round uses keys of its own
    exist          ask whether keys are there
    exist-beside   the same on one connection, beside --bulk-connections that move values;
                   GiB/s is then theirs, the rest is the asking connection's

  options
    --size SIZE              bytes of a value: 4096, 64KiB, 32MiB ...          (32MiB; exist 4KiB)
    --connections N          each with a thread; exist serves all from one     (1)
    --depth N                requests sent before their replies are awaited    (1)
                             PUT of lm:// has no reply: an EXIST follows each N, and the time is up to its answer
    --keys N                 how many values, rounded up to a multiple of --depth (16; exist 1024)
    --first-key N            number of the first key: other numbers, other keys (0)
    --seconds S              length of a round                                 (2)
    --rounds N               rounds for each target                            (5)
    --bulk get|put           what the bulk connections of exist-beside do      (get)
    --bulk-connections N                                                       (4)
    --server-pid P           process of a server, repeated in the order of the targets:
                             its processor time and memory are reported too
    --spin                   poll for replies instead of sleeping: the server then spends nothing on waking the client
                             (for one connection; more would take the core from each other)
    --copy                   copy received bodies into the client's memory as an engine does. Without it the kernel
                             drops them, and the client's core has time to spare
    --verify                 compare every byte of every GET (slow; implies --copy)
    --nagle                  leave Nagle's algorithm on, as LMCache's own client does
    --no-fill                do not store the values before get, exist and exist-beside
    --no-realtime            leave the asking thread of exist-beside at normal priority
    --json                   one JSON object a line for each target

  Pin the server and the client to different cores: taskset -c 1 lmcache-bench ...
  Ratios and processor time are to be trusted before absolute speeds: "others %" is what everything else on the
  machine took, in percent of one core. A client busy above 90 % in the table means that the client may be what
  was measured.
  Exit status: 0; 2 for a wrong command line, an unreachable server or an unexpected reply.
  """
