"""Prints what is in a load: NAME, KIND, prompts, blocks, and how many times faster than recorded a replay should be.

hits_load.py NAME KIND FILE.
"""
import json
import sys

# What a request and its reply take, more or less: the servers' clock goes by it.
SECONDS_A_BLOCK = 40e-6


def clock_factor(requests):
    """So that the load takes as long by the servers' clock as it was recorded in."""
    span = (requests[-1]["timestamp"] - requests[0]["timestamp"]) / 1000
    blocks = sum(len(request["hash_ids"]) for request in requests)
    return max(1, round(span / (blocks * SECONDS_A_BLOCK)))


def main():
    name, kind, path = sys.argv[1:]
    with open(path) as lines:
        requests = [json.loads(line) for line in lines]
    blocks = [block for request in requests for block in request["hash_ids"]]
    print(name, kind, len(requests), len(blocks), clock_factor(requests), len(set(blocks)), sep="\t")


if __name__ == "__main__":
    main()
