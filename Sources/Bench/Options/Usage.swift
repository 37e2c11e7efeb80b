package let usage = """
  lmcache-bench measures stores for LMCache's KV chunks, several side by side.

  usage: lmcache-bench COMMAND [options] TARGET [--vs TARGET]...

  targets: [LABEL=]lm://HOST:PORT, redis://[[USER]:PASSWORD@]HOST:PORT, memcached://HOST:PORT
    They take turns in short rounds, so that a disturbance hits all of them alike. The first one is what the others
    are compared with, round by round.

  examples
    Which one moves 32 MiB fastest, and at what price?
      taskset -c 1 lmcache-bench get --connections 4 \\
        ours=lm://127.0.0.1:65432 --server-pid 4711 --vs redis=redis://127.0.0.1:6379 --server-pid 4712
    How long do requests wait when two thousand a second come by chance?
      lmcache-bench exist --rate 2000 --poisson --connections 4 lm://127.0.0.1:65432
    How much of their prompts do the users of a recorded day find?
      lmcache-bench session --trace day.jsonl --requests 500 --model llama-3-8b lm://127.0.0.1:65432

  commands
    get, put, exist          read, store again, ask for values that were stored beforehand
    fill                     store every value for the first time; each round has keys of its own
    mixed                    all of it: --mix get=70,put=20,exist=10
    churn                    store new values, read each twice: --keys fill the store first, so that it has to evict
    exist-beside             ask on one connection, beside others that move values (GiB/s is then theirs)
    session                  what an engine does with each prompt: EXIST along the prefix to the first miss, GET what
                             was found, PUT the rest

  load
    --size SIZE              4096, 64KiB, 32MiB ...                             (32MiB; exist 4KiB)
                             4KiB,1MiB: a case each; 4KiB:50,1MiB:30: one case, sizes by weight
    --model NAME             sizes, shapes and keys as LMCache makes them: NAME[-tpN][,layerwise] with NAME
                             llama-3-8b, llama-3-70b, qwen2.5-32b or deepseek-v3
    --connections N[,N]      (1)    --depth N[,N]  requests under way on each   (1)
    --threads N              of the client; one serves many connections         (1)
    --keys N                 how many values                                    (512 MiB of them, 16 to 1024)
    --first-key N            other numbers, other keys                          (0)
    --rate N[,N]             arrivals a second over all connections, latency counted from when they were due;
                             --poisson: at random times instead of even ones    (closed loop)
    --seconds S, --count N   length of a round, or its operations               (2 s)
    --rounds N               for each target                                    (5)
    --warmup S               before the first round, not measured               (0.2)
    --bulk get|put           what goes on beside exist-beside                   (get)
    --bulk-connections N                                                        (4)
    --idle N                 connections that stay open and say nothing         (0)
    --no-fill                the values are there already

  session
    --users N --turns N      conversations: each turn repeats what was said     (8, 4)
    --turn-tokens N          what a turn adds                                   (512)
    --system-tokens N        how all of them begin                              (1024)
    --trace FILE             JSON lines instead: timestamp (ms), input_length, output_length, hash_ids
    --block-tokens N         tokens that a hash id of the trace stands for      (512)
    --speed N|max            times faster than recorded                         (max: as fast as the store answers)
    --requests N             no more than these
    --salt N                 the same keys at every call                        (other ones, so that the store is empty)

  client
    --server-pid P           process of a server, in the order of the targets: its processor time and memory
    --drop                   the kernel drops received bodies; else each goes to a buffer of its own, as in an engine
    --verify                 compare every byte of every GET
    --spin                   poll for replies instead of sleeping: the server spends nothing on waking the client
    --nagle                  leave Nagle's algorithm on, as LMCache's own client does
    --no-realtime            leave the asking thread of exist-beside at normal priority

  output
  \(OutputOptions.usage)

  Give the server and the client cores of their own. Trust ratios before speeds, and their spread before both.
  docs/BENCH.md says more. Exit status: 0; 1 where values were missing or requests failed; 2 for a
  wrong command line, an unreachable server or an unexpected reply.
  """
