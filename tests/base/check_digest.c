#include "base/digest.h"

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

static const char *hex(const uint8_t hash[DIGEST_SIZE])
{
    static char out[2 * DIGEST_SIZE + 1];

    for (size_t i = 0; i < DIGEST_SIZE; i++)
        (void)snprintf(out + 2 * i, 3, "%02x", hash[i]);
    return out;
}

START_TEST(known_texts_have_their_known_hashes)
{
    struct buf text = BUF_INIT;
    uint8_t hash[DIGEST_SIZE];

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
    uint8_t hash[DIGEST_SIZE];

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

Suite *make_suite(void)
{
    const int count = (int)(sizeof vectors / sizeof vectors[0]);
    Suite *suite = suite_create("digest");
    TCase *digest = tcase_create("digest");

    tcase_add_loop_test(digest, known_texts_have_their_known_hashes, 0, count);
    tcase_add_loop_test(digest, hash_does_not_depend_on_the_pieces, 0, count);
    tcase_add_test(digest, unfinished_digest_can_be_freed);
    suite_add_tcase(suite, digest);
    return suite;
}
