#include "base/token.h"

#include <stdio.h>
#include <string.h>

#include "../support/support.h"

#define TOKENS 200

START_TEST(tokens_are_printable_and_all_different)
{
    static char tokens[TOKENS][TOKEN_SIZE];
    uint8_t hash[DIGEST_SIZE];

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
START_TEST(new_tokens_use_every_bit)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    unsigned ones[TOKEN_SIZE - 1][6] = {{0}};
    char token[TOKEN_SIZE];
    uint8_t hash[DIGEST_SIZE];

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
    uint8_t hash[DIGEST_SIZE], want[DIGEST_SIZE];

    ck_assert_int_eq(token_make(token, hash), VT_OK);
    digest_of(token, strlen(token), want);
    ck_assert_mem_eq(hash, want, DIGEST_SIZE);
}
END_TEST

START_TEST(token_matches_its_own_hash_only)
{
    char token[TOKEN_SIZE], other[TOKEN_SIZE], longer[TOKEN_SIZE + 1];
    uint8_t hash[DIGEST_SIZE], other_hash[DIGEST_SIZE];

    ck_assert_int_eq(token_make(token, hash), VT_OK);
    ck_assert_int_eq(token_make(other, other_hash), VT_OK);
    ck_assert(token_matches(token, hash));
    ck_assert(!token_matches(token, other_hash));
    ck_assert(!token_matches(other, hash));
    ck_assert(!token_matches("", hash));
    (void)snprintf(longer, sizeof longer, "%sx", token);
    ck_assert(!token_matches(longer, hash));
    for (int i = 0; i < DIGEST_SIZE * 8; i++) {
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
    Suite *suite = suite_create("token");
    TCase *token = tcase_create("token");

    tcase_add_test(token, tokens_are_printable_and_all_different);
    tcase_add_test(token, new_tokens_use_every_bit);
    tcase_add_test(token, hash_of_a_token_is_its_sha256);
    tcase_add_test(token, token_matches_its_own_hash_only);
    suite_add_tcase(suite, token);
    return suite;
}
