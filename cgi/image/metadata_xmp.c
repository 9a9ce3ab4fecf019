#include "image/metadata_xmp.h"

#include <errno.h>
#include <expat.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32  /* of elements; XMP of cameras has ten */
#define TEXT_MAX 8192 /* bytes of a value that are kept */
#define SEPARATOR ' ' /* between a name's namespace and the rest, in what Expat reports */
#define LANGUAGE "http://www.w3.org/XML/1998/namespace lang"

#define RDF "http://www.w3.org/1999/02/22-rdf-syntax-ns# "
#define DC "http://purl.org/dc/elements/1.1/ "
#define XMP "http://ns.adobe.com/xap/1.0/ "
#define EXIF "http://ns.adobe.com/exif/1.0/ "
#define EXIF_EX "http://cipa.jp/exif/1.0/ "
#define TIFF "http://ns.adobe.com/tiff/1.0/ "
#define AUX "http://ns.adobe.com/exif/1.0/aux/ "
#define PHOTOSHOP "http://ns.adobe.com/photoshop/1.0/ "

enum property {
    NOTHING,
    TITLE,
    DESCRIPTION,
    KEYWORD,
    RATING,
    ORIGINAL, /* when it was taken */
    CREATED,  /* the same, by Photoshop */
    DIGITIZED,
    MAKE,
    MODEL,
    LENS,
    LATITUDE,
    LONGITUDE
};

static const struct {
    const char *name;
    enum property property;
} names[] = {
    {DC "title", TITLE},
    {DC "description", DESCRIPTION},
    {DC "subject", KEYWORD},
    {XMP "Rating", RATING},
    {EXIF "DateTimeOriginal", ORIGINAL},
    {PHOTOSHOP "DateCreated", CREATED},
    {XMP "CreateDate", DIGITIZED},
    {TIFF "Make", MAKE},
    {TIFF "Model", MODEL},
    {AUX "Lens", LENS},
    {EXIF_EX "LensModel", LENS},
    {EXIF "GPSLatitude", LATITUDE},
    {EXIF "GPSLongitude", LONGITUDE},
};

struct xmp {
    XML_Parser parser;
    struct metadata_fields *fields;
    unsigned depth;            /* of the element that is open */
    unsigned description;      /* the depth of rdf:Description; 0 outside of one */
    enum property property;    /* that is open; it is one deeper */
    bool is_listed;            /* a list of its values is open, one deeper still */
    bool is_default;           /* the value is in the default language */
    bool has_default[KEYWORD]; /* of TITLE and DESCRIPTION */
    char text[TEXT_MAX];       /* of the value that is open */
    size_t len;
    bool is_full; /* no further keyword fits */
    struct photo_time created;
    double latitude, longitude; /* NaN if unknown */
};

static enum property find(const char *name)
{
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(names[i].name, name) == 0)
            return names[i].property;
    return NOTHING;
}

/* A coordinate as XMP writes it: "51,30.5N" or "51,30,30N". NaN if it is another text. */
static double read_coordinate(const char *text, const char *signs)
{
    double degrees = 0, unit = 1;
    char *end;

    for (unsigned parts = 1;; parts++, unit /= 60) {
        double part = strtod(text, &end);

        if (end == text || !(part >= 0) || (parts > 1 && part >= 60) || parts > 3)
            return NAN;
        degrees += part * unit;
        if (*end != ',')
            break;
        text = end + 1;
    }
    if (end[0] == '\0' || end[1] != '\0')
        return NAN;
    return *end == signs[0] ? degrees : *end == signs[1] ? -degrees : NAN;
}

/* Keeps a text of which a file may have several, one of them in the default language. */
static void keep_text(struct xmp *xmp, struct metadata_span span, char *out, size_t size)
{
    if (xmp->is_default && !xmp->has_default[xmp->property]) {
        metadata_fields_text(span, out, size);
        xmp->has_default[xmp->property] = true;
    } else {
        metadata_fields_first_text(span, out, size);
    }
}

/* Keeps the value of the property that is open, which is a text. */
static void keep(struct xmp *xmp)
{
    const struct metadata_span span = {(const uint8_t *)xmp->text, xmp->len}, none = {0};
    struct metadata_fields *fields = xmp->fields;
    struct photo *photo = &fields->photo;

    xmp->text[xmp->len] = '\0';
    switch (xmp->property) {
    case TITLE:
        keep_text(xmp, span, photo->title, sizeof photo->title);
        break;
    case DESCRIPTION:
        keep_text(xmp, span, photo->description, sizeof photo->description);
        break;
    case KEYWORD:
        xmp->is_full = xmp->is_full || !metadata_fields_keyword(photo, span);
        break;
    case RATING:
        metadata_fields_rating(photo, strtod(xmp->text, NULL));
        break;
    case ORIGINAL:
        metadata_fields_time(span, none, none, &fields->original);
        break;
    case CREATED:
        metadata_fields_time(span, none, none, &xmp->created);
        break;
    case DIGITIZED:
        metadata_fields_time(span, none, none, &fields->digitized);
        break;
    case MAKE:
        metadata_fields_first_text(span, fields->make, sizeof fields->make);
        break;
    case MODEL:
        metadata_fields_first_text(span, fields->model, sizeof fields->model);
        break;
    case LENS:
        metadata_fields_first_text(span, photo->lens, sizeof photo->lens);
        break;
    case LATITUDE:
        xmp->latitude = read_coordinate(xmp->text, "NS");
        break;
    case LONGITUDE:
        xmp->longitude = read_coordinate(xmp->text, "EW");
        break;
    default:
        break;
    }
}

/* Simple values may be attributes of rdf:Description. */
static void read_attributes(struct xmp *xmp, const XML_Char **attributes)
{
    for (; attributes[0] != NULL; attributes += 2) {
        size_t len = strlen(attributes[1]);

        xmp->property = find(attributes[0]);
        if (xmp->property == NOTHING)
            continue;
        xmp->len = len < TEXT_MAX ? len : TEXT_MAX - 1;
        memcpy(xmp->text, attributes[1], xmp->len);
        xmp->is_default = false;
        keep(xmp);
    }
    xmp->property = NOTHING;
    xmp->len = 0;
}

static bool has_default_language(const XML_Char **attributes)
{
    for (; attributes[0] != NULL; attributes += 2)
        if (strcmp(attributes[0], LANGUAGE) == 0)
            return strcmp(attributes[1], "x-default") == 0;
    return false;
}

static bool is_list(const char *name)
{
    return strcmp(name, RDF "Alt") == 0 || strcmp(name, RDF "Bag") == 0 ||
           strcmp(name, RDF "Seq") == 0;
}

static void XMLCALL begin(void *context, const XML_Char *name, const XML_Char **attributes)
{
    struct xmp *xmp = context;

    if (++xmp->depth > DEPTH_MAX) {
        (void)XML_StopParser(xmp->parser, XML_FALSE);
        return;
    }
    if (xmp->description == 0) {
        if (strcmp(name, RDF "Description") == 0) {
            xmp->description = xmp->depth;
            read_attributes(xmp, attributes);
        }
    } else if (xmp->depth == xmp->description + 1) {
        xmp->property = find(name);
        xmp->is_listed = xmp->is_default = false;
    } else if (xmp->depth == xmp->description + 2) {
        xmp->is_listed = is_list(name);
    } else if (xmp->depth == xmp->description + 3) {
        xmp->is_default = has_default_language(attributes);
    }
    xmp->len = 0;
}

/* Whether the element that is open has the property's value, and not that of a structure in it. */
static bool is_value(const struct xmp *xmp)
{
    return xmp->description != 0 && xmp->property != NOTHING &&
           xmp->depth == xmp->description + (xmp->is_listed ? 3 : 1);
}

static void XMLCALL end(void *context, const XML_Char *name)
{
    struct xmp *xmp = context;

    (void)name;
    if (is_value(xmp) && xmp->len > 0)
        keep(xmp);
    if (xmp->depth == xmp->description)
        xmp->description = 0;
    if (xmp->depth == xmp->description + 1)
        xmp->property = NOTHING;
    xmp->len = 0;
    xmp->depth--;
}

static void XMLCALL take_text(void *context, const XML_Char *text, int len)
{
    struct xmp *xmp = context;
    size_t room = TEXT_MAX - 1 - xmp->len, used = (size_t)len < room ? (size_t)len : room;

    if (!is_value(xmp) || (xmp->property == KEYWORD && xmp->is_full))
        return;
    memcpy(xmp->text + xmp->len, text, used);
    xmp->len += used;
}

/* XMP has no document type, and without one there are no entities but XML's own five. */
static void XMLCALL refuse(void *context, const XML_Char *name, const XML_Char *system,
                           const XML_Char *public, int has_subset)
{
    struct xmp *xmp = context;

    (void)name;
    (void)system;
    (void)public;
    (void)has_subset;
    (void)XML_StopParser(xmp->parser, XML_FALSE);
}

/* Padding follows the packet: blanks, which Expat takes, or in some files NULs, which it does not.
 */
void metadata_xmp_read(struct metadata_span block, struct metadata_fields *fields)
{
    struct xmp *xmp = calloc(1, sizeof *xmp);

    if (xmp == NULL)
        return;
    xmp->fields = fields;
    xmp->created = PHOTO_TIME_NONE;
    xmp->latitude = xmp->longitude = NAN;
    xmp->parser = XML_ParserCreateNS(NULL, SEPARATOR);
    if (xmp->parser != NULL) {
        XML_SetUserData(xmp->parser, xmp);
        XML_SetElementHandler(xmp->parser, begin, end);
        XML_SetCharacterDataHandler(xmp->parser, take_text);
        XML_SetStartDoctypeDeclHandler(xmp->parser, refuse);
        (void)XML_Parse(xmp->parser, (const char *)block.data, (int)block.len, XML_TRUE);
        XML_ParserFree(xmp->parser);
    }
    if (fields->original.local == PHOTO_TIME_UNKNOWN)
        fields->original = xmp->created;
    metadata_fields_place(&fields->photo, xmp->latitude, xmp->longitude);
    free(xmp);
}
