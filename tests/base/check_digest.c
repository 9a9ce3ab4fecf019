#include "base/sha256.h"

#include <stdio.h>
#include <string.h>

#include "../support/support.h"

/* FIPS 180-4's examples and two more, each `text` repeated. */
static const struct {
    const char *text;
    unsigned times;
    const char *hash;
} vectors[] = {
    {"", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", 1, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", 1,
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    {"aaaaaaaaaa", 100000, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    {"The quick brown fox jumps over the lazy dog", 1,
     "d7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592"},
};

static const char *hex(const uint8_t hash[HASH_SIZE])
{
    static char out[2 * HASH_SIZE + 1];

    for (size_t i = 0; i < HASH_SIZE; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", hash[i]);
    return out;
}

START_TEST(known_texts_have_their_known_hashes)
{
    struct buf text = BUF_INIT;
    uint8_t hash[HASH_SIZE];

    buf_puts(&text, "");
    for (unsigned i = 0; i < vectors[_i].times; i++)
        buf_puts(&text, vectors[_i].text);
    digest_of(text.data, text.len, hash);
    ck_assert_str_eq(hex(hash), vectors[_i].hash);
    buf_free(&text);
}
END_TEST

START_TEST(hash_does_not_depend_on_the_pieces)
{
    struct digest *digest = NULL;
    uint8_t hash[HASH_SIZE];

    ck_assert_int_eq(digest_new(&digest), VT_OK);
    for (unsigned i = 0; i < vectors[_i].times; i++) {
        size_t half = strlen(vectors[_i].text) / 2;

        digest_update(digest, vectors[_i].text, half);
        digest_update(digest, "", 0);
        digest_update(digest, vectors[_i].text + half, strlen(vectors[_i].text) - half);
    }
    digest_finish(digest, hash);
    ck_assert_str_eq(hex(hash), vectors[_i].hash);
    digest_free(digest);
}
END_TEST

START_TEST(unfinished_digest_can_be_freed)
{
    struct digest *digest = NULL;

    digest_free(NULL);
    ck_assert_int_eq(digest_new(&digest), VT_OK);
    ck_assert_ptr_nonnull(digest);
    digest_update(digest, "abc", 3);
    digest_free(digest);
}
END_TEST

START_TEST(id_is_the_first_half_in_hex)
{
    uint8_t hash[HASH_SIZE];
    char id[ID_LENGTH + 1];

    digest_of("abc", 3, hash);
    digest_write_id(hash, id);
    ck_assert_str_eq(id, "ba7816bf8f01cfea414140de5dae2223");
    ck_assert(record_is_id(id));
}
END_TEST

/* ---- tokens ---- */

#define TOKENS 200

START_TEST(tokens_are_printable_and_all_different)
{
    static char tokens[TOKENS][TOKEN_SIZE];
    uint8_t hash[HASH_SIZE];

    for (int i = 0; i < TOKENS; i++) {
        ck_assert_int_eq(token_make(tokens[i], hash), VT_OK);
        ck_assert_uint_eq(strlen(tokens[i]), 43);
        ck_assert_uint_eq(strspn(tokens[i], "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                            "0123456789-_"),
                          43);
        for (int other = 0; other < i; other++)
            if (strncmp(tokens[i], tokens[other], 10) == 0)
                ck_abort_msg("%s and %s begin alike", tokens[i], tokens[other]);
    }
}
END_TEST

/* 256 bits in 43 digits of 6: two bits of the last one are never set, all others vary. */
START_TEST(tokens_use_every_bit)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned ones[TOKEN_SIZE - 1][6] = {{0}};
    char token[TOKEN_SIZE];
    uint8_t hash[HASH_SIZE];

    for (int i = 0; i < TOKENS; i++) {
        ck_assert_int_eq(token_make(token, hash), VT_OK);
        for (int at = 0; at < TOKEN_SIZE - 1; at++)
            for (int bit = 0; bit < 6; bit++)
                ones[at][bit] += (unsigned)(strchr(digits, token[at]) - digits) >> bit & 1;
    }
    for (int at = 0; at < TOKEN_SIZE - 1; at++) {
        for (int bit = 0; bit < 6; bit++) {
            bool padding = at == TOKEN_SIZE - 2 && bit < 2;

            if (padding ? ones[at][bit] != 0 : ones[at][bit] == 0 || ones[at][bit] == TOKENS)
                ck_abort_msg("bit %d of digit %d is set %u times", bit, at, ones[at][bit]);
        }
    }
}
END_TEST

START_TEST(hash_of_a_token_is_its_sha256)
{
    char token[TOKEN_SIZE];
    uint8_t hash[HASH_SIZE], want[HASH_SIZE];

    ck_assert_int_eq(token_make(token, hash), VT_OK);
    digest_of(token, strlen(token), want);
    ck_assert_mem_eq(hash, want, HASH_SIZE);
}
END_TEST

START_TEST(token_matches_its_own_hash_only)
{
    char token[TOKEN_SIZE], other[TOKEN_SIZE], longer[TOKEN_SIZE + 1];
    uint8_t hash[HASH_SIZE], other_hash[HASH_SIZE];

    ck_assert_int_eq(token_make(token, hash), VT_OK);
    ck_assert_int_eq(token_make(other, other_hash), VT_OK);
    ck_assert(token_matches(token, hash));
    ck_assert(!token_matches(token, other_hash));
    ck_assert(!token_matches(other, hash));
    ck_assert(!token_matches("", hash));
    (void)snprintf(longer, sizeof longer, "%sx", token);
    ck_assert(!token_matches(longer, hash));
    for (int i = 0; i < HASH_SIZE * 8; i++) {
        hash[i / 8] ^= (uint8_t)(1 << i % 8);
        ck_assert(!token_matches(token, hash));
        hash[i / 8] ^= (uint8_t)(1 << i % 8);
    }
    token[TOKEN_SIZE - 2] = '\0';
    ck_assert(!token_matches(token, hash));
}
END_TEST

Suite *make_suite(void)
{
    const int count = (int)(sizeof vectors / sizeof vectors[0]);
    Suite *suite = suite_create("digest");
    TCase *digest = tcase_create("digest"), *token = tcase_create("token");

    tcase_add_loop_test(digest, known_texts_have_their_known_hashes, 0, count);
    tcase_add_loop_test(digest, hash_does_not_depend_on_the_pieces, 0, count);
    tcase_add_test(digest, unfinished_digest_can_be_freed);
    tcase_add_test(digest, id_is_the_first_half_in_hex);
    suite_add_tcase(suite, digest);
    tcase_add_test(token, tokens_are_printable_and_all_different);
    tcase_add_test(token, tokens_use_every_bit);
    tcase_add_test(token, hash_of_a_token_is_its_sha256);
    tcase_add_test(token, token_matches_its_own_hash_only);
    suite_add_tcase(suite, token);
    return suite;
}
