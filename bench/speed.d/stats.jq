# Statistics of rounds. Both sides of a row have run in turn, so what else the machine did has hit both: the
# ratio is taken round by round, and its median and spread are of those.

def median:
  sort | length as $n
  | if $n % 2 == 1 then .[($n - 1) / 2] else (.[$n / 2 - 1] + .[$n / 2]) / 2 end;

def spread: {median: median, least: min, most: max};

# Of a row as the parts write it: {row, part, what, unit, ours: [...]}, and where there is another side
# {against, other: [...]}, and where something is asked {asked: {at_most: N} or {at_least: N}}. What is asked
# is asked of the ratio, ours over the other's; without another side, of ours.
def sum_up:
  if (.ours | length) == 0 then error("\(.row): nothing was measured") else . end
  | if .other and (.ours | length) != (.other | length) then error("\(.row): the sides differ in rounds") else . end
  | . as $row
  | . + {rounds: (.ours | length), ours: (.ours | spread + {rounds: .})}
  | if .other then
      .other |= (spread + {rounds: .})
      | .ratio = ([$row.ours, $row.other] | transpose | map(.[0] / .[1]) | spread + {rounds: .})
    else . end
  | if .asked then
      (.ratio // .ours).median as $figure
      | .met = ((.asked.at_most == null or $figure <= .asked.at_most)
                and (.asked.at_least == null or $figure >= .asked.at_least))
    else . end;
