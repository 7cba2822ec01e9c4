"""Speed and size as ratios to a control of the same run; absolute figures are printed, never judged.

`make bench` runs everything and writes `results.json`; a ratio below its floor fails the run.
"""
