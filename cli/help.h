// SPDX-License-Identifier: Apache-2.0
// The examples and notes at the end of each `--help`, for main.cpp.
#pragma once

namespace overtake::cli {

inline constexpr const char* kRunFooter = R"(Examples:
  overtake run --quick
  overtake run matmul --size 1024,4096x64x4096 --dtype f32 --workers 1,all
  overtake run matmul --variant serial,openmp --scope kernel,cold_start --list
  overtake run matmul --size 1000 --param pad=0,24
  overtake run preprocess --data people.csv
  overtake run download --size 100x100k --param latency_ms=598 --param in_flight=10,100
  overtake run download --urls urls.txt                  your own URLs, politely
  overtake run download --talk --scale 0.1               a published table of downloads, replayed
  overtake run matmul --budget 10m                       where it is needed for a verdict
  overtake run matmul --breakeven serial,openmp          from which size threads pay
  overtake run --resume results/SYSTEM/RUN               after Ctrl-C
  overtake run --command cpu='./app {n}' --command gpu='./app --gpu {n}' --size 10000,1000000 --check 'cmp {output} want-{n}'

Sizes: matmul N or MxNxK; preprocess and summarize ROWSxCOLUMNS; read_csv ROWS; download FILESxBYTES; ceiling a level (registers, L1, L2, L3, memory); commands N.
Lists are separated by commas and make sweeps. A cell's workers beat OMP_NUM_THREADS, which limits matmul's openmp alone.
The folder of results is OUT/SYSTEM/UTC-SUITE; docs/results-format.md describes it.)";

inline constexpr const char* kCompareFooter = R"(Examples:
  overtake compare results/server/OLD results/server/NEW              what became faster or slower
  overtake compare results/old-server/RUN results/new-server/RUN     two machines, side by side
  overtake compare results/*/RUN --hourly-price big=3.50 --hourly-price small=0.40
  overtake compare RUN --by variant                                   every variant against the baseline
  overtake compare OLD NEW --threshold 1% --markdown > comment.md     for a pull request

The first run is the base. Status: 0, or 1 slower, 3 undecided, 4 rows missing, 5 not comparable.
docs/methods.md explains every figure.)";

inline constexpr const char* kShowFooter = R"(Examples:
  overtake show results/my-laptop/20261121T071524Z-quick.1     the summary again
  overtake show RUN --breakeven serial,openmp                  from which size on, and after how many calls, one pays
  overtake show RUN --breakeven openmp:1,openmp:2 --json       a variant with so many workers
  overtake show RUN --scaling                                  speed-up over workers, and what eats it
  overtake show RUN --google-benchmark-json new.json           for Google Benchmark's tools/compare.py

Status 4: the run has no rows for that. docs/methods.md explains every figure.)";

inline constexpr const char* kImportFooter = R"(Examples:
  my_benchmark --benchmark_out=new.json && overtake import new.json --label laptop
  overtake import kernels.csv                                         nvbench --csv
  overtake import first.csv second.csv --label epyc                   omp-stream --csv, a process each

The folder is OUT/SYSTEM/UTC-import. Nobody verified these answers, and no row says that somebody did; two imported
runs can be compared with each other. docs/import.md says what becomes what.)";

inline constexpr const char* kLabFooter = R"(Examples:
  overtake lab                        what there is
  overtake lab sharing                asks for your guess, measures, draws and explains
  overtake lab sharing --guess 3
  overtake lab waiting --scale 0.09   requests of 54 ms instead of 598 ms: a minute to watch
  overtake lab all --label ada        all of them, as the machine `ada`
  overtake lab --class results        everybody's results side by side

The folder of results is OUT/SYSTEM/UTC-lab, for `overtake show` too; docs/lab.md describes each lab.)";

inline constexpr const char* kDoFooter = R"(Examples:
  overtake do preprocess people.csv --out features.npy      a table into a matrix of features
  overtake do summarize people.csv                          figures of its columns, correlations, means of groups
  overtake do download urls.txt files                       a URL a line into a folder; run it again to go on
  overtake do check urls.txt                                what each URL answers: 200, 404, redirects
  overtake do origin --log requests.jsonl                   a local server that misbehaves on demand

`overtake do download --help` and `overtake do origin --help` say more.)";

inline constexpr const char* kDownloadFooter = R"(Examples:
  overtake do download urls.txt files
  grep pdf urls.txt | overtake do download - files --in-flight 100 --per-host 4
  overtake do download urls.txt files --strategy processes --in-flight 8 > rows.jsonl

A line of LIST is a URL, then optionally sha256=HEX and name=NAME. Each URL becomes one line of JSON on stdout. A file
gets its name when it is complete and verified; until then it is NAME.part, and a later run goes on with it.
Status: 0 all good, 1 some failed, 2 wrong usage, 130 interrupted (once: what is in flight ends; twice: at once).)";

inline constexpr const char* kCheckFooter = R"(Examples:
  overtake do check urls.txt
  grep pdf urls.txt | overtake do check - --in-flight 100 --per-host 4 > answers.jsonl

A line of LIST is a URL, as for `do download`; each becomes one line of JSON on stdout: status, redirects on the way,
times. HEAD is asked for, and after an error that may be HEAD's alone one byte by GET. No file is written.
Status: 0 every URL gave an answer, whichever (404 is one); 1 some gave none; 2 wrong usage; 130 interrupted.)";

}  // namespace overtake::cli
