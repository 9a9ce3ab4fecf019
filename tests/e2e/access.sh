#!/bin/sh
# Who may write, tried from outside with every credential that is not the right one; and no token is ever
# logged.
# shellcheck source=tests/e2e/lib.sh
. "${srcdir:-.}/tests/e2e/lib.sh"

is_own || bail_skip 'this test reads the logs'

operator=An-operator.token~1
picture PNG "$work/a.png" seed=$$
picture PNG "$work/b.png" seed=$(($$ + 1))

# ---- requests with every kind of credentials, each to change the first image ----

# send METHOD PATH AUTHORIZATION [CURL-ARGUMENT...]: sends this Authorization header, or none if it is "none".
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
# shown: prints the image as the gallery has it.
shown() {
  curl -s "$url/api/images/$id"
}
# denied WHAT AUTHORIZATION STATUS: neither a change nor a deletion is allowed, and the image stays as it was.
denied() {
  for method in PATCH DELETE; do
    case $method in
      PATCH) send PATCH "/api/images/$id" "$2" -H 'Content-Type: application/json' --data '{"name":"stolen"}' ;;
      DELETE) send DELETE "/api/images/$id" "$2" ;; # with a body, it would be 413 whoever sent it
    esac
    is "$method with $1 is refused with $3" "$3 application/problem+json" "$status $(header Content-Type)"
    [ "$3" != 401 ] || is "$method with $1 is answered with the scheme that it needs" 'Bearer realm="vitrine"' "$(header WWW-Authenticate)"
    is "$method with $1 is answered without any token" 0 "$(grep -cF -e "$token" -e "$other" -e "$operator" "$work/body" "$work/headers" |
      awk -F : '{ sum += $2 } END { print sum }')"
  done
  is "requests with $1 leave the image unchanged" "$image" "$(shown)"
}
deny_all() {
  denied 'no credentials' none 401
  denied 'an empty Authorization header' '' 401
  denied 'a scheme without a token' Bearer 401
  denied 'an empty token' 'Bearer ' 401
  denied 'the token without a scheme' "$token" 401
  denied 'the token after the scheme Basic' "Basic $token" 401
  denied 'the token as a password' "Basic $(printf 'x:%s' "$token" | base64)" 401
  denied 'a scheme that only begins with Bearer' "Bearers $token" 401
  denied 'a wrong token' 'Bearer wrong' 403
  denied "another image's token" "Bearer $other" 403
  denied 'the token and one more character' "Bearer ${token}x" 403
  denied 'the token without its last character' "Bearer ${token%?}" 403
  denied 'the token in the other case' "Bearer $(printf %s "$token" | tr 'A-Za-z' 'a-zA-Z')" 403
  denied 'the token twice' "Bearer $token, Bearer $token" 403
  denied "the image's id" "Bearer $id" 403
  denied 'the hash that the catalogue stores' "Bearer $(printf %s "$token" | sha256sum | cut -d ' ' -f 1)" 403
  denied 'a token of 7000 characters' "Bearer $(printf '%07000d' 0)" 403
  denied 'a token in UTF-8' 'Bearer höö' 403
  denied 'a token with percent signs' "Bearer %s%n$(printf %s "$token" | sed 's/./%&/g')" 403
  # Tokens in places where none is expected.
  for place in "-H Cookie:token=$token" "-H X-Token:$token" "-H Proxy-Authorization:Bearer:$token" \
    "-H X-HTTP-Method-Override:DELETE"; do
    # shellcheck disable=SC2086
    request DELETE "/api/images/$id" $place
    is "DELETE with the token in ${place%%[:=]*} only is refused with 401" 401 "$status"
  done
  request GET "/api/images/$id" -H 'X-HTTP-Method-Override: DELETE' -H "Authorization: Bearer $token"
  is 'a GET with X-HTTP-Method-Override: DELETE removes nothing' "$image" "$(shown)"
  request DELETE "/api/images/$id" -H "Authorization: Bearer $token" -H 'Authorization: Bearer x'
  is 'two Authorization headers are refused with 400' 400 "$status"
  # shellcheck disable=SC2059
  printf "DELETE /api/images/$id HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer $token\000x\r\n\r\n" |
    curl -s --max-time 10 "telnet://127.0.0.1:$port" >"$work/raw"
  like 'a token with a NUL byte is refused with 400' '^HTTP/1.1 400' "$(head -n 1 "$work/raw")"
  for path in "/api/images/$id/" "/api/images/" "/api/images/$id/x" /api/images /api/stats /healthz /metrics / "$original"; do
    for method in PATCH DELETE PUT; do
      request $method "$path" -H "Authorization: Bearer $token"
      like "$method $path is refused, whatever the token" '^40[45]$' "$status"
    done
  done
  is 'no refused request has changed the image' "$image" "$(shown)"
}

# add FILE [CURL-ARGUMENT...]: uploads; sets $id, $token, $original.
add() {
  upload "$@"
  id=$(json '.images[0].id')
  token=$(json '.images[0].delete_token')
  original=$(json '.images[0].url')
}

# ---- without VITRINE_TOKEN ----

start_gallery VITRINE_WORKERS=1 VITRINE_ACCESS_LOG="$work/access" VITRINE_REQUEST_LOG=on
add "$work/b.png"
other=$token
second=$id
add "$work/a.png"
is 'without VITRINE_TOKEN anybody may upload' 201 "$status"
image=$(shown)
deny_all
denied "an operator's token that is not set" "Bearer $operator" 403
upload "$work/a.png"
is 'an upload of known bytes is answered without a token' '200 null' "$status $(json '.images[0].delete_token')"
upload "$work/a.png" -H "Authorization: Bearer $other"
is 'an upload with a token that is not needed succeeds' 200 "$status"
first_token=$token

# ---- with VITRINE_TOKEN ----

stop_gallery
rm "$data/guesses" # the wrong tokens so far would count
start_gallery VITRINE_WORKERS=1 VITRINE_ACCESS_LOG="$work/access" VITRINE_REQUEST_LOG=on VITRINE_TOKEN=$operator
deny_all
denied "the operator's token without its last character" "Bearer ${operator%?}" 403
picture PNG "$work/c.png" seed=$(($$ + 2))
count=$(image_count)
# not_taken WHAT AUTHORIZATION STATUS
not_taken() {
  send POST /api/images "$2" -F "file=@$work/c.png"
  is "an upload with $1 is refused with $3" "$3 application/problem+json" "$status $(header Content-Type)"
}
not_taken 'no credentials' none 401
not_taken 'an empty Authorization header' '' 401
not_taken "the operator's token after the scheme Basic" "Basic $operator" 401
not_taken 'a wrong token' 'Bearer wrong' 403
not_taken "an image's token" "Bearer $token" 403
not_taken "the operator's token twice" "Bearer $operator$operator" 403
not_taken 'a token of 7000 characters' "Bearer $(printf '%07000d' 0)" 403
request POST "/api/images?token=$operator" -F "file=@$work/c.png"
is 'an upload with the token in the URL is refused with 401' 401 "$status"
request POST /api/images -F "file=@$work/c.png" -F "token=$operator"
is 'an upload with the token in the form is refused with 401' 401 "$status"
is 'no refused upload has added an image' "$count" "$(image_count)"
is 'no refused upload has left a file' '' "$(find "$data/tmp" -type f)"
request PATCH "/api/images/$id" -H "Authorization: Bearer $first_token" -H 'Content-Type: application/json' --data '{"name":"own"}'
is "an image's token may change its image" '200 own' "$status $(json .name)"
request PATCH "/api/images/$id" -H "Authorization: bearer  $operator" -H 'Content-Type: application/json' --data '{"name":"by operator"}'
is "the operator's token may change an image, whatever the scheme's case" '200 by operator' "$status $(json .name)"
request DELETE "/api/images/$id" -H "Authorization: Bearer $first_token"
is "an image's token may delete its image" 204 "$status"
request GET "/api/images/$second"
is 'deleting an image leaves the other image' "200 $second" "$status $(json .id)"
request DELETE "/api/images/$second" -H "Authorization: Bearer $first_token"
is 'the token of a deleted image may not delete another image' 403 "$status"
upload "$work/a.png" -H "Authorization: Bearer $operator"
is 'an image that is uploaded again gets another token' "201 $id true" \
  "$status $(json '.images[0].id') $(json ".images[0].delete_token != \"$first_token\"")"
token=$(json '.images[0].delete_token')
image=$(shown)
denied 'the token of an image that was deleted and uploaded again' "Bearer $first_token" 403

# ---- too many wrong tokens ----

# wrong METHOD PATH: two hundred wrong tokens; prints how many were answered how.
wrong() {
  curl -s -o "$work/sent" -w '%{http_code}\n' -X "$1" -H 'Authorization: Bearer another-wrong-token' "$url$2?[1-200]" |
    sort | uniq -c | xargs
}
rm "$data/guesses"
stop_gallery
start_gallery VITRINE_WORKERS=2 VITRINE_ACCESS_LOG="$work/access" VITRINE_REQUEST_LOG=on VITRINE_TOKEN=$operator
like 'of two hundred wrong tokens only the first ones are compared' '^([6-9][0-9]|1[0-4][0-9]) 403 1?[0-9][0-9] 429$' \
  "$(wrong DELETE "/api/images/$id")"
# guess METHOD PATH TOKEN [CURL-ARGUMENT...]: sends a token after two hundred wrong ones. One more may be tried every two
# seconds, so one curl sends all of them: on a busy machine the start of another may take that long.
guess() {
  guess_method=$1
  guess_url=$url$2
  guess_token=$3
  shift 3
  status=$(curl -s -o "$work/sent" -X DELETE -H 'Authorization: Bearer another-wrong-token' "$url/api/images/$id?[1-200]" \
    --next -s -D "$work/headers" -o "$work/body" -w '%{http_code}' -X "$guess_method" \
    -H "Authorization: Bearer $guess_token" "$@" "$guess_url")
}
guess DELETE "/api/images/$id" wrong
refused 'a wrong token after too many' 429 'too many wrong tokens'
is 'a wrong token after too many is answered with Retry-After' 5 "$(header Retry-After)"
guess POST /api/images wrong -F "file=@$work/c.png"
refused 'a wrong token for the other pool after too many' 429 'too many wrong tokens'
guess PATCH "/api/images/$id" "$operator" -H 'Content-Type: application/json' --data '{"name":"guessed"}'
is 'after too many wrong tokens the right one is not compared either' 429 "$status"
request GET "/api/images/$id"
is 'after too many wrong tokens images can still be read' 200 "$status"
stop_gallery
rm "$data/guesses"
start_gallery VITRINE_WORKERS=1 VITRINE_ACCESS_LOG="$work/access" VITRINE_REQUEST_LOG=on VITRINE_TOKEN=$operator
is 'two hundred requests with the right token all succeed' '200 200' "$(curl -s -o "$work/sent" -w '%{http_code}\n' -X PATCH \
  -H "Authorization: Bearer $operator" -H 'Content-Type: application/json' --data '{"name":"own"}' "$url/api/images/$id?[1-200]" |
  sort | uniq -c | xargs)"

# ---- logs ----

request GET /favicon.svg
eventually 'the access log contains the last request' grep -q favicon "$work/access"
cat "$work/log" "$work/logs" "$work/access" >"$work/everything"
like 'the log contains the changes' 'request: PATCH /api/images/' "$(grep -m 1 'msg="request: PATCH' "$work/everything")"
# A client has put one into a URL, which Vitrine cannot prevent.
is 'no log contains a token' '' "$(grep -F -e "$token" -e "$first_token" -e "$other" -e "$operator" "$work/everything" |
  grep -v '?token=')"
is 'no file of the gallery contains a token in clear' '' "$(grep -rlF -e "$token" -e "$first_token" -e "$other" -e "$operator" "$data")"

finish_gallery
