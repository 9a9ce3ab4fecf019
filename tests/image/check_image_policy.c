/* ImageMagick's policy, and ImageTragick, the vulnerabilities that it is written against. Each is
 * tried as an upload, with every decoder, and with no protection but the policy. */
#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "../support/app.h"
#include "../support/engine.h"
#include "../support/policy.h"

#define COUNT(array) ((int)(sizeof(array) / sizeof(array)[0]))

/* ---- ImageTragick: what its drawings were to do, and the traces that they would leave ---- */

#define SECRET "the secret of the gallery"

static char made[256], kept[256], picture[256], script[256], moved[256];
static int listener;
static unsigned port;

static void name_file(char *path, const char *name)
{
    (void)snprintf(path, 256, "%s", support_path(support_folder(), name));
}

static void lay_traps(void)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    struct buf image, text = BUF_INIT;

    name_file(made, "made");
    name_file(kept, "kept");
    name_file(picture, "kept.gif");
    name_file(script, "script.msl");
    name_file(moved, "moved.gif");
    support_write_file(kept, SECRET, strlen(SECRET));
    support_picture(&(struct picture){.coder = "GIF"}, &image);
    support_write_file(picture, image.data, image.len);
    buf_printf(
        &text,
        "<?xml version=\"1.0\"?><image><read filename=\"%s\"/><write filename=\"%s\"/></image>",
        picture, moved);
    SUPPORT_MUST(buf_ok(&text));
    support_write_file(script, text.data, text.len);
    buf_free(&image);
    buf_free(&text);
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    SUPPORT_MUST(listener >= 0 && bind(listener, (struct sockaddr *)&address, len) == 0 &&
                 listen(listener, 8) == 0 &&
                 getsockname(listener, (struct sockaddr *)&address, &len) == 0);
    port = ntohs(address.sin_port);
}

static void expect_no_trace(void)
{
    struct buf now;

    ck_assert_int_ne(access(made, F_OK), 0);
    ck_assert_int_ne(access(moved, F_OK), 0);
    ck_assert_int_eq(access(picture, F_OK), 0);
    support_read_file(kept, &now);
    ck_assert_uint_eq(now.len, strlen(SECRET));
    ck_assert_mem_eq(now.data, SECRET, now.len);
    buf_free(&now);
    ck_assert_int_lt(accept(listener, NULL, NULL), 0); /* nobody waits there */
}

static void lift_traps(void)
{
    expect_no_trace();
    (void)close(listener);
}

#define MVG "push graphic-context\nviewbox 0 0 64 48\n"
#define MVG_END "\npop graphic-context\n"
#define SVG                                                                                        \
    "<?xml version=\"1.0\"?><svg xmlns=\"http://www.w3.org/2000/svg\" "                            \
    "xmlns:xlink=\"http://www.w3.org/1999/xlink\" width=\"64\" height=\"48\">"

/* $P is the port, and of files $M one that is to be made, $K the secret, $I a picture, $S a script
 * that copies it. */
static const struct {
    const char *name, *coder, *text;
} drawings[] = {
    {"CVE-2016-3714", "MVG", MVG "fill 'url(https://127.0.0.1:$P/x.jpg\"|touch \"$M)'" MVG_END},
    {"CVE-2016-3714", "MVG", MVG "image over 0,0 0,0 'https://127.0.0.1:$P/\";touch \"$M'" MVG_END},
    {"CVE-2016-3714", "SVG",
     SVG "<image xlink:href=\"https://127.0.0.1:$P/x.jpg&quot;|touch &quot;$M\" "
         "width=\"64\" height=\"48\"/></svg>"},
    {"CVE-2016-3715", "MVG", MVG "image over 0,0 0,0 'ephemeral:$I'" MVG_END},
    {"CVE-2016-3715", "SVG",
     SVG "<image xlink:href=\"ephemeral:$I\" width=\"64\" height=\"48\"/></svg>"},
    {"CVE-2016-3716", "MVG", MVG "image over 0,0 0,0 'msl:$S'" MVG_END},
    {"CVE-2016-3716", "MSL",
     "<?xml version=\"1.0\"?><image><read filename=\"$I\"/><write filename=\"$M\"/></image>"},
    {"CVE-2016-3717", "MVG", MVG "image over 0,0 0,0 'label:@$K'" MVG_END},
    {"CVE-2016-3717", "SVG",
     SVG "<image xlink:href=\"text:$K\" width=\"64\" height=\"48\"/></svg>"},
    {"CVE-2016-3718", "MVG", MVG "fill 'url(http://127.0.0.1:$P/)'" MVG_END},
    {"CVE-2016-3718", "SVG",
     SVG "<image xlink:href=\"http://127.0.0.1:$P/\" width=\"64\" height=\"48\"/></svg>"},
    {"CVE-2016-5118", "MVG", MVG "image over 0,0 0,0 '|touch $M'" MVG_END},
    {"a script in an SVG", "SVG", SVG "<script>alert(1)</script></svg>"},
};

/* Writes the drawing with its places filled in. */
static void draw(int which, struct buf *out)
{
    *out = BUF_INIT;
    for (const char *at = drawings[which].text; *at != '\0'; at++) {
        if (*at != '$') {
            buf_append(out, at, 1);
            continue;
        }
        at++;
        if (*at == 'P')
            buf_printf(out, "%u", port);
        else
            buf_printf(out, "%s",
                       *at == 'M'   ? made
                       : *at == 'K' ? kept
                       : *at == 'I' ? picture
                                    : script);
    }
    SUPPORT_MUST(buf_ok(out));
}

START_TEST(a_drawing_is_no_picture_whatever_its_name)
{
    static const char *const names[] = {"x.jpg", "x.png", "x.gif", "x.mvg",
                                        "x.svg", "mvg:x", "msl:x"};
    struct support_app app;
    struct added added;
    struct buf file;

    support_app_open(&app, POOL_IMAGE);
    draw(_i, &file);
    for (int i = 0; i < COUNT(names); i++)
        ck_assert_msg(support_add(app.app.gallery, file.data, file.len, names[i], &added, NULL) ==
                          VT_ERR_UNSUPPORTED,
                      "%s as %s", drawings[_i].name, names[i]);
    ck_assert_uint_eq(support_count_files(support_path(support_folder(), "uploads")), 0);
    ck_assert_uint_eq(support_count_files(support_path(support_folder(), "thumbs")), 0);
    buf_free(&file);
    support_app_close(&app);
}
END_TEST

/* As if the header had been taken in: what each decoder makes of it. */
START_TEST(a_drawing_is_read_by_no_decoder)
{
    struct buf file;

    draw(_i, &file);
    for (int type = 0; type < IMAGE_TYPE_COUNT; type++) {
        const struct image_header forged = {
            .type = (enum image_type)type, .width = 64, .height = 48, .frames = 1};
        struct image *image;

        ck_assert_msg(image_decode(support_engine, file.data, file.len, &forged, 320, 30, &image,
                                   NULL) == VT_ERR_INVALID_IMAGE,
                      "%s as %s", drawings[_i].name, image_type_coder((enum image_type)type));
    }
    buf_free(&file);
}
END_TEST

/* And as if all of Vitrine's own walls were down: the library is given it under its own coder, and
 * to find the coder by the content behind a picture's name. */
START_TEST(the_policy_reads_no_drawing)
{
    static const char *const names[] = {"x.jpg", "x.png", "x.gif", "x"};
    char name[32];
    struct buf file;

    draw(_i, &file);
    (void)snprintf(name, sizeof name, "%s:x", drawings[_i].coder);
    ck_assert_int_ne(support_policy_read(name, file.data, file.len), POLICY_READ);
    for (int i = 0; i < COUNT(names); i++)
        ck_assert_msg(support_policy_read(names[i], file.data, file.len) != POLICY_READ, "%s as %s",
                      drawings[_i].name, names[i]);
    buf_free(&file);
}
END_TEST

/* What the tests around it show is the policy's work: a library without it draws, and opens files.
 */
START_TEST(without_the_policy_a_drawing_is_read)
{
    static const char text[] = MVG "fill red\nrectangle 0,0 9,9" MVG_END;

    ck_assert_int_eq(support_policy_read("MVG:x", text, strlen(text)), POLICY_READ);
    ck_assert_int_eq(support_policy_read(picture, NULL, 0), POLICY_READ);
}
END_TEST

/* ---- the policy ---- */

static const char *const names[] = {
    "msl:x", "mvg:x", "svg:x", "text:/etc/passwd", "label:@/etc/passwd", "label:x", "caption:x",
    "ephemeral:/etc/passwd", "url:http://127.0.0.1/", "http://127.0.0.1/", "https://127.0.0.1/",
    "ftp://127.0.0.1/", "file:///etc/passwd", "pdf:x", "ps:x", "eps:x", "xps:x", "xc:red",
    "canvas:red", "gradient:", "plasma:", "pango:x", "inline:data:image/gif;base64,R0lGODlh",
    "vid:x", "win:x", "x:", "tile:x", "pattern:bricks", "rose:", "logo:", "mpr:x", "mpc:x",
    "mask:x", "show:x", "html:x", "txt:/etc/passwd", "dot:x", "scan:x", "mpeg:x", "stegano:x",
    "clip:x", "null:", "fd:0",
    /* the seven read files no more than the others */
    "@/etc/passwd", "/etc/passwd", "GIF:/etc/passwd", "PNG:@/etc/passwd", "TIFF:/etc/passwd",
    "JPEG:-", "GIF:-", "GIF:fd:0", "GIF:|id", "WEBP:../x"};

START_TEST(the_policy_forbids_to_read)
{
    ck_assert_msg(support_policy_read(names[_i], NULL, 0) == POLICY_FORBIDDEN, "%s", names[_i]);
}
END_TEST

static const char *const targets[] = {"msl:x", "mvg:x",  "svg:x", "pdf:x",  "ps:x",
                                      "txt:x", "html:x", "uil:x", "info:-", "mpc:x"};

START_TEST(the_policy_forbids_to_write)
{
    ck_assert_msg(support_policy_write(targets[_i]) != POLICY_READ, "%s", targets[_i]);
}
END_TEST

START_TEST(the_policy_opens_not_even_a_picture)
{
    ck_assert_int_eq(support_policy_read(picture, NULL, 0), POLICY_FORBIDDEN);
    ck_assert_int_eq(support_policy_read(support_path("GIF:", picture), NULL, 0), POLICY_FORBIDDEN);
    ck_assert_int_eq(support_policy_write(support_path("GIF:", made)), POLICY_FORBIDDEN);
}
END_TEST

START_TEST(the_policy_bounds_every_resource)
{
    struct config config;

    support_config(support_folder(), &config);
    ck_assert_uint_eq(support_policy_limit("width"), 65535);
    ck_assert_uint_eq(support_policy_limit("height"), 65535);
    ck_assert_uint_eq(support_policy_limit("area"), config.max_pixels + 1);
    ck_assert_uint_le(support_policy_limit("memory"), config.max_pixels * 40 + (64 << 20));
    ck_assert_uint_eq(support_policy_limit("map"), 0);
    ck_assert_uint_eq(support_policy_limit("disk"), 0);
    ck_assert_uint_eq(support_policy_limit("thread"), 1);
    ck_assert_uint_eq(support_policy_limit("list-length"), 100000);
}
END_TEST

Suite *make_suite(void)
{
    Suite *suite = suite_create("image_policy");
    TCase *uploads = tcase_create("uploads"), *walls = tcase_create("walls");
    TCase *bare = tcase_create("bare");

    tcase_add_loop_test(uploads, a_drawing_is_no_picture_whatever_its_name, 0, COUNT(drawings));
    tcase_add_checked_fixture(uploads, lay_traps, lift_traps);
    suite_add_tcase(suite, uploads);
    tcase_add_loop_test(walls, a_drawing_is_read_by_no_decoder, 0, COUNT(drawings));
    tcase_add_loop_test(walls, the_policy_reads_no_drawing, 0, COUNT(drawings));
    tcase_add_loop_test(walls, the_policy_forbids_to_read, 0, COUNT(names));
    tcase_add_loop_test(walls, the_policy_forbids_to_write, 0, COUNT(targets));
    tcase_add_test(walls, the_policy_opens_not_even_a_picture);
    tcase_add_test(walls, the_policy_bounds_every_resource);
    tcase_add_checked_fixture(walls, support_engine_start, support_engine_stop);
    tcase_add_checked_fixture(walls, lay_traps, lift_traps);
    suite_add_tcase(suite, walls);
    tcase_add_test(bare, without_the_policy_a_drawing_is_read);
    tcase_add_checked_fixture(bare, lay_traps, NULL);
    suite_add_tcase(suite, bare);
    tcase_set_timeout(uploads, 60);
    tcase_set_timeout(walls, 60);
    tcase_set_timeout(bare, 60);
    return suite;
}
