/* HEIC and AVIF: reads the boxes of the file and of its meta box. ISO/IEC 14496-12, 4.2 and 8.11.
 */
#include "image/header/formats.h"
#include "image/header/heif.h"

/* There may be at most one box of each kind, since decoders differ in which of two they use. */
static enum vt_error read_meta(struct reader *in, struct heif_boxes *boxes)
{
    const struct {
        uint32_t name;
        struct reader *box;
    } wanted[] = {
        {HEIF_NAME('p', 'i', 't', 'm'), &boxes->pitm},
        {HEIF_NAME('i', 'i', 'n', 'f'), &boxes->iinf},
        {HEIF_NAME('i', 'l', 'o', 'c'), &boxes->iloc},
        {HEIF_NAME('i', 'r', 'e', 'f'), &boxes->iref},
        {HEIF_NAME('i', 'p', 'r', 'p'), &boxes->iprp},
        {HEIF_NAME('i', 'd', 'a', 't'), &boxes->idat},
    };

    if (reader_take(in, 4) == NULL) /* version and flags */
        return reader_cut_off(in);
    while (reader_left(in) > 0) {
        struct reader body;
        uint32_t name;
        enum vt_error err = heif_take_box(in, true, &name, &body);

        if (err != VT_OK)
            return err;
        for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
            if (name != wanted[i].name)
                continue;
            if (wanted[i].box->data != NULL)
                return reader_corrupt(in, "its meta box holds two boxes of one name");
            *wanted[i].box = body;
        }
    }
    return VT_OK;
}

static enum vt_error read_file(struct reader *in, struct heif_boxes *boxes, bool *has_meta)
{
    while (reader_left(in) > 0) {
        struct reader body;
        uint32_t name;
        enum vt_error err = heif_take_box(in, false, &name, &body);

        if (err == VT_OK && name == HEIF_NAME('m', 'e', 't', 'a')) {
            if (*has_meta)
                return reader_corrupt(in, "it has two meta boxes");
            *has_meta = true;
            err = read_meta(&body, boxes);
        }
        if (err != VT_OK)
            return err;
    }
    return VT_OK;
}

enum vt_error heif_open(struct reader *in, struct heif *heif)
{
    struct heif_boxes boxes = {0};
    bool has_meta = false;
    enum vt_error err;

    *heif = (struct heif){.file = *in};
    err = read_file(in, &boxes, &has_meta);
    if (err != VT_OK)
        return err;
    if (!has_meta)
        return reader_corrupt(in, "it holds no still picture");
    if (boxes.pitm.data == NULL || boxes.iinf.data == NULL || boxes.iloc.data == NULL ||
        boxes.iprp.data == NULL)
        return reader_corrupt(in, "its meta box does not say where the picture is");
    heif->idat = boxes.idat;
    err = heif_load(heif, &boxes);
    return err == VT_OK ? heif_check_extents(heif) : err;
}

enum vt_error image_header_read_isobmff(struct reader *in, struct image_header *header)
{
    struct heif heif;
    enum vt_error err = heif_open(in, &heif);

    if (err == VT_OK)
        err = heif_check(&heif, header);
    heif_free(&heif);
    return err;
}
