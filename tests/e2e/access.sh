#!/bin/sh
# Who may write, tried from outside with every credential that is not the right one; and no token is ever
# logged.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test reads the logs'

operator=An-operator.token~1
picture PNG "$work/a.png" seed=$$
picture PNG "$work/b.png" seed=$(($$ + 1))

# ---- credentials, each with the answer to a change of the first image ----

# send METHOD PATH AUTHORIZATION [CURL-ARGUMENT...]: the header as it is; none where it is "none".
send() {
  send_method=$1
  send_path=$2
  authorization=$3
  shift 3
  case $authorization in
    none) request "$send_method" "$send_path" "$@" ;;
    '') request "$send_method" "$send_path" -H 'Authorization;' "$@" ;;
    *) request "$send_method" "$send_path" -H "Authorization: $authorization" "$@" ;;
  esac
}
# shown: the image as it is.
shown() {
  curl -s "$url/api/images/$id"
}
# denied WHAT AUTHORIZATION STATUS: neither a change nor a removal, and nothing has become of them.
denied() {
  for method in PATCH DELETE; do
    case $method in
      PATCH) send PATCH "/api/images/$id" "$2" -H 'Content-Type: application/json' --data '{"name":"stolen"}' ;;
      DELETE) send DELETE "/api/images/$id" "$2" ;; # with a body, it would be 413 whoever sent it
    esac
    is "$method with $1: $3" "$3 application/problem+json" "$status $(header Content-Type)"
    [ "$3" != 401 ] || is "$method with $1: it says what is wanted" 'Bearer realm="vitrine"' "$(header WWW-Authenticate)"
    is "$method with $1: no token is told" 0 "$(grep -cF -e "$token" -e "$other" -e "$operator" "$work/body" "$work/headers" |
      awk -F : '{ sum += $2 } END { print sum }')"
  done
  is "with $1: the image is as it was" "$image" "$(shown)"
}
deny_all() {
  denied 'no credentials' none 401
  denied 'an empty header' '' 401
  denied 'a scheme alone' Bearer 401
  denied 'an empty token' 'Bearer ' 401
  denied 'the token alone' "$token" 401
  denied 'the token by the wrong scheme' "Basic $token" 401
  denied 'the token as a password' "Basic $(printf 'x:%s' "$token" | base64)" 401
  denied 'a scheme that only begins like it' "Bearers $token" 401
  denied 'a wrong token' 'Bearer wrong' 403
  denied "another image's token" "Bearer $other" 403
  denied 'the token and more' "Bearer ${token}x" 403
  denied 'the token less a character' "Bearer ${token%?}" 403
  denied 'the token in the other case' "Bearer $(printf %s "$token" | tr 'A-Za-z' 'a-zA-Z')" 403
  denied 'the token twice' "Bearer $token, Bearer $token" 403
  denied "the image's id" "Bearer $id" 403
  denied 'the hash that is kept' "Bearer $(printf %s "$token" | sha256sum | cut -d ' ' -f 1)" 403
  denied 'a long token' "Bearer $(printf '%07000d' 0)" 403
  denied 'a token in UTF-8' 'Bearer höö' 403
  denied 'a token with percent signs' "Bearer %s%n$(printf %s "$token" | sed 's/./%&/g')" 403
  # Where no token belongs.
  for place in "-H Cookie:token=$token" "-H X-Token:$token" "-H Proxy-Authorization:Bearer:$token" \
    "-H X-HTTP-Method-Override:DELETE"; do
    # shellcheck disable=SC2086
    request DELETE "/api/images/$id" $place
    is "DELETE with ${place%%[:=]*}: 401" 401 "$status"
  done
  request GET "/api/images/$id" -H 'X-HTTP-Method-Override: DELETE' -H "Authorization: Bearer $token"
  is 'a GET never removes' "$image" "$(shown)"
  request DELETE "/api/images/$id" -H "Authorization: Bearer $token" -H 'Authorization: Bearer x'
  is 'two headers: 400' 400 "$status"
  # shellcheck disable=SC2059
  printf "DELETE /api/images/$id HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer $token\000x\r\n\r\n" |
    curl -s --max-time 10 "telnet://127.0.0.1:$port" >"$work/raw"
  like 'a NUL in the token: 400' '^HTTP/1.1 400' "$(head -n 1 "$work/raw")"
  for path in "/api/images/$id/" "/api/images/" "/api/images/$id/x" /api/images /api/stats /healthz /metrics / "$original"; do
    for method in PATCH DELETE PUT; do
      request $method "$path" -H "Authorization: Bearer $token"
      like "$method $path: no such thing" '^40[45]$' "$status"
    done
  done
  is 'the image is as it was' "$image" "$(shown)"
}

# add FILE [CURL-ARGUMENT...]: uploads; sets $id, $token, $original.
add() {
  upload "$@"
  id=$(json '.images[0].id')
  token=$(json '.images[0].delete_token')
  original=$(json '.images[0].url')
}

# ---- without an operator ----

start_gallery VITRINE_WORKERS=1 VITRINE_ACCESS_LOG="$work/access" VITRINE_REQUEST_LOG=on
add "$work/b.png"
other=$token
second=$id
add "$work/a.png"
is 'anybody may upload' 201 "$status"
image=$(shown)
deny_all
denied "an operator's token where there is none" "Bearer $operator" 403
upload "$work/a.png"
is 'who uploads known bytes gets no token' '200 null' "$status $(json '.images[0].delete_token')"
upload "$work/a.png" -H "Authorization: Bearer $other"
is 'a token that is not needed is no harm' 200 "$status"
first_token=$token

# ---- with one ----

stop_gallery
rm "$data/guesses" # those so far would count
start_gallery VITRINE_WORKERS=1 VITRINE_ACCESS_LOG="$work/access" VITRINE_REQUEST_LOG=on VITRINE_TOKEN=$operator
deny_all
denied "the operator's token less a character" "Bearer ${operator%?}" 403
picture PNG "$work/c.png" seed=$(($$ + 2))
count=$(image_count)
# not_taken WHAT AUTHORIZATION STATUS
not_taken() {
  send POST /api/images "$2" -F "file=@$work/c.png"
  is "an upload with $1: $3" "$3 application/problem+json" "$status $(header Content-Type)"
}
not_taken 'no credentials' none 401
not_taken 'an empty header' '' 401
not_taken 'the wrong scheme' "Basic $operator" 401
not_taken 'a wrong token' 'Bearer wrong' 403
not_taken "an image's token" "Bearer $token" 403
not_taken 'more than the token' "Bearer $operator$operator" 403
not_taken 'a long token' "Bearer $(printf '%07000d' 0)" 403
request POST "/api/images?token=$operator" -F "file=@$work/c.png"
is 'an upload with the token in the URL: 401' 401 "$status"
request POST /api/images -F "file=@$work/c.png" -F "token=$operator"
is 'an upload with the token in the form: 401' 401 "$status"
is 'nothing was taken' "$count" "$(image_count)"
is 'no unfinished upload is left' '' "$(find "$data/tmp" -type f)"
request PATCH "/api/images/$id" -H "Authorization: Bearer $first_token" -H 'Content-Type: application/json' --data '{"name":"own"}'
is 'the right one opens its image' '200 own' "$status $(json .name)"
request PATCH "/api/images/$id" -H "Authorization: bearer  $operator" -H 'Content-Type: application/json' --data '{"name":"by operator"}'
is "so does the operator's" '200 by operator' "$status $(json .name)"
request DELETE "/api/images/$id" -H "Authorization: Bearer $first_token"
is 'the right one removes its image' 204 "$status"
request GET "/api/images/$second"
is 'and no other' "200 $second" "$status $(json .id)"
request DELETE "/api/images/$second" -H "Authorization: Bearer $first_token"
is 'it opens nothing any more' 403 "$status"
upload "$work/a.png" -H "Authorization: Bearer $operator"
is 'who uploads the same bytes afterwards gets another token' "201 $id true" \
  "$status $(json '.images[0].id') $(json ".images[0].delete_token != \"$first_token\"")"
token=$(json '.images[0].delete_token')
image=$(shown)
denied 'the token of the one before' "Bearer $first_token" 403

# ---- guesses ----

# wrong METHOD PATH: two hundred wrong tokens; prints how many were answered how.
wrong() {
  curl -s -o "$work/sent" -w '%{http_code}\n' -X "$1" -H 'Authorization: Bearer another-wrong-token' "$url$2?[1-200]" |
    sort | uniq -c | xargs
}
rm "$data/guesses"
stop_gallery
start_gallery VITRINE_WORKERS=2 VITRINE_ACCESS_LOG="$work/access" VITRINE_REQUEST_LOG=on VITRINE_TOKEN=$operator
like 'of two hundred wrong tokens some are looked at' '^([6-9][0-9]|1[0-4][0-9]) 403 1?[0-9][0-9] 429$' "$(wrong DELETE "/api/images/$id")"
request DELETE "/api/images/$id" -H 'Authorization: Bearer wrong'
refused 'the next one' 429 'too many wrong tokens'
is 'it says when to come again' 5 "$(header Retry-After)"
request POST /api/images -F "file=@$work/c.png" -H 'Authorization: Bearer wrong'
refused 'one for the other pool' 429 'too many wrong tokens'
wrong DELETE "/api/images/$id" >"$work/said"
request PATCH "/api/images/$id" -H "Authorization: Bearer $operator" -H 'Content-Type: application/json' --data '{"name":"guessed"}'
is 'nor is the right one looked at then' 429 "$status"
request GET "/api/images/$id"
is 'reading needs no token' 200 "$status"
stop_gallery
rm "$data/guesses"
start_gallery VITRINE_WORKERS=1 VITRINE_ACCESS_LOG="$work/access" VITRINE_REQUEST_LOG=on VITRINE_TOKEN=$operator
is 'two hundred right ones are all taken' '200 200' "$(curl -s -o "$work/sent" -w '%{http_code}\n' -X PATCH \
  -H "Authorization: Bearer $operator" -H 'Content-Type: application/json' --data '{"name":"own"}' "$url/api/images/$id?[1-200]" |
  sort | uniq -c | xargs)"

# ---- logs ----

request GET /favicon.svg
poll grep -q favicon "$work/access"
cat "$work/log" "$work/logs" "$work/access" >"$work/everything"
like 'the logs know of the changes' 'request: PATCH /api/images/' "$(grep -m 1 'msg="request: PATCH' "$work/everything")"
# But for the one that a client has put into a URL, which is its own doing.
is 'no token is in any log' '' "$(grep -F -e "$token" -e "$first_token" -e "$other" -e "$operator" "$work/everything" |
  grep -v '?token=')"
is 'nor in any file but its hash' '' "$(grep -rlF -e "$token" -e "$first_token" -e "$other" -e "$operator" "$data")"

finish_gallery
