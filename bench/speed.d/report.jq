# The rows that the parts have written, summed up, with what they were measured on.
import "stats" as stats;

{
  machine: $machine[0],
  quick: ($quick != ""),
  unmeasured: ($unmeasured | split(" ") | map(select(. != ""))),
  rows: map(stats::sum_up)
}
