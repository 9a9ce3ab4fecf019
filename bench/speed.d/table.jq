# A report as a table in Markdown. Rows marked as detail are in the report alone.

def fixed(digits):
  (if . < 0 then "-" else "" end) as $sign
  | pow(10; digits) as $p | (fabs * $p | round) as $n
  | ($n % $p | tostring) as $part
  | "\($sign)\($n / $p | floor)" + if digits == 0 then "" else "." + "0" * (digits - ($part | length)) + $part end;

# Three digits, and a whole number in full.
def figure:
  if fabs >= 100 then fixed(0) elif fabs >= 10 then fixed(1) elif fabs >= 1 then fixed(2) else fixed(3) end;

def figures(unit):
  if . == null then "–"
  elif .least == .most then "\(.median | figure)\(unit)"
  else "\(.median | figure)\(unit) (\(.least | figure)–\(.most | figure))" end;

def asked(unit):
  if . == null then "–"
  elif .at_most != null then "≤ \(.at_most)\(unit)"
  else "≥ \(.at_least)\(unit)" end;

def line:
  (if .unit == "" then "" else " " + .unit end) as $unit
  | (if .ratio then "" else $unit end) as $asked_unit
  | [
      .part, .what, (.ours | figures($unit)),
      (if .other then "\(.against) \(.other | figures($unit))" else "–" end),
      (.ratio | figures("")),
      (.asked | asked($asked_unit)),
      (if .met == null then "–" elif .met then "yes" else "no" end)
    ];

def padded(width): . + (" " * (width - length) // "");

def about:
  "Vitrine \(.machine.commit), \(.machine.date | .[:10]), \(.machine.cpus) × \(.machine.cpu), \(.machine.system), "
  + "\(.machine.kernel)\(if .quick then "; --quick" else "" end). Other programs took \(.machine.others_percent) % of "
  + "the processors as it began."
  + if .unmeasured == [] then "" else " Not measured: \(.unmeasured | join(", "))." end;

([["part", "what", "Vitrine", "against", "ratio", "asked", "met"]]
  + [.rows[] | select(.detail | not) | line]
| (transpose | map(map(length) | max)) as $widths
| map([., $widths] | transpose | map(. as [$text, $width] | $text | padded($width)))
| "| \(.[0] | join(" | ")) |",
  "|\($widths | map("-" * (. + 2)) | join("|"))|",
  (.[1:][] | "| \(join(" | ")) |")),
"",
about
