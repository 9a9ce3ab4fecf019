/* Reads EXIF (CIPA DC-008) with libexif; the module's table is here, too. */
#include <libexif/exif-data.h>
#include <math.h>
#include <string.h>

#include "image/metadata_module.h"
#include "image/metadata_xmp.h"

/* Fields by their numbers: libexif has no names for the newer ones in all of its versions. */
enum {
    IMAGE_DESCRIPTION = 0x010e,
    MAKE = 0x010f,
    MODEL = 0x0110,
    RATING = 0x4746, /* Microsoft's */
    EXPOSURE_TIME = 0x829a,
    F_NUMBER = 0x829d,
    ISO = 0x8827,
    STANDARD_OUTPUT_SENSITIVITY = 0x8831,
    RECOMMENDED_EXPOSURE_INDEX = 0x8832,
    ISO_SPEED = 0x8833,
    DATE_TIME_ORIGINAL = 0x9003,
    DATE_TIME_DIGITIZED = 0x9004,
    OFFSET_TIME_ORIGINAL = 0x9011,
    OFFSET_TIME_DIGITIZED = 0x9012,
    SHUTTER_SPEED = 0x9201,
    APERTURE = 0x9202,
    FLASH = 0x9209,
    FOCAL_LENGTH = 0x920a,
    SUBSECOND_ORIGINAL = 0x9291,
    SUBSECOND_DIGITIZED = 0x9292,
    FOCAL_LENGTH_35 = 0xa405,
    LENS_MODEL = 0xa434
};

/* Of the directory of the place. */
enum {
    LATITUDE_REF = 1,
    LATITUDE = 2,
    LONGITUDE_REF = 3,
    LONGITUDE = 4,
    ALTITUDE_REF = 5,
    ALTITUDE = 6
};

#define ISO_BEYOND 65535 /* the field cannot hold the value */

static const ExifEntry *find(const ExifData *data, ExifIfd directory, int tag)
{
    return exif_content_get_entry(data->ifd[directory], (ExifTag)tag);
}

/* The entry's number at an index, or NaN if there is none, as for 0/0. */
static double get_number(const ExifData *data, ExifIfd directory, int tag, unsigned index)
{
    const ExifEntry *entry = find(data, directory, tag);
    ExifByteOrder order = exif_data_get_byte_order((ExifData *)(uintptr_t)data);
    const unsigned char *at;
    size_t size;
    ExifRational fraction;
    ExifSRational sign;

    if (entry == NULL || entry->data == NULL)
        return NAN;
    size = exif_format_get_size(entry->format);
    if (size == 0 || index >= entry->components || (index + 1) * size > entry->size)
        return NAN;
    at = entry->data + index * size;
    switch (entry->format) {
    case EXIF_FORMAT_BYTE:
        return at[0];
    case EXIF_FORMAT_SHORT:
        return exif_get_short(at, order);
    case EXIF_FORMAT_LONG:
        return exif_get_long(at, order);
    case EXIF_FORMAT_RATIONAL:
        fraction = exif_get_rational(at, order);
        return fraction.denominator == 0 ? NAN : (double)fraction.numerator / fraction.denominator;
    case EXIF_FORMAT_SRATIONAL:
        sign = exif_get_srational(at, order);
        return sign.denominator == 0 ? NAN : (double)sign.numerator / sign.denominator;
    default:
        return NAN;
    }
}

/* The number of the picture's own directory. */
static double get(const ExifData *data, int tag)
{
    return get_number(data, EXIF_IFD_EXIF, tag, 0);
}

static struct metadata_span get_text(const ExifData *data, ExifIfd directory, int tag)
{
    const ExifEntry *entry = find(data, directory, tag);

    if (entry == NULL || entry->format != EXIF_FORMAT_ASCII)
        return (struct metadata_span){0};
    return (struct metadata_span){entry->data, entry->size};
}

static void read_time(const ExifData *data, int date, int subsecond, int offset,
                      struct photo_time *time)
{
    metadata_fields_time(get_text(data, EXIF_IFD_EXIF, date),
                         get_text(data, EXIF_IFD_EXIF, subsecond),
                         get_text(data, EXIF_IFD_EXIF, offset), time);
}

static void read_texts(const ExifData *data, struct metadata_fields *fields)
{
    struct photo *photo = &fields->photo;

    metadata_fields_text(get_text(data, EXIF_IFD_0, MAKE), fields->make, sizeof fields->make);
    metadata_fields_text(get_text(data, EXIF_IFD_0, MODEL), fields->model, sizeof fields->model);
    metadata_fields_text(get_text(data, EXIF_IFD_EXIF, LENS_MODEL), photo->lens,
                         sizeof photo->lens);
    metadata_fields_text(get_text(data, EXIF_IFD_0, IMAGE_DESCRIPTION), photo->description,
                         sizeof photo->description);
    metadata_fields_rating(photo, get_number(data, EXIF_IFD_0, RATING, 0));
}

/* The first of the fields that has the value, since the usual one ends at 65,535. */
static uint32_t read_iso(const ExifData *data)
{
    static const int larger[] = {STANDARD_OUTPUT_SENSITIVITY, RECOMMENDED_EXPOSURE_INDEX,
                                 ISO_SPEED};
    double iso = metadata_fields_number(get(data, ISO), PHOTO_ISO_MAX);

    for (size_t i = 0; (iso == 0 || iso == ISO_BEYOND) && i < sizeof larger / sizeof larger[0];
         i++) {
        double other = metadata_fields_number(get(data, larger[i]), PHOTO_ISO_MAX);

        if (other > iso)
            iso = other;
    }
    return (uint32_t)iso;
}

/* What was set on the camera; aperture and time may be given as logarithms instead. */
static void read_exposure(const ExifData *data, struct photo *photo)
{
    double flash = get(data, FLASH);

    photo->focal_length = metadata_fields_number(get(data, FOCAL_LENGTH), PHOTO_FOCAL_LENGTH_MAX);
    photo->focal_length_35 =
        metadata_fields_number(get(data, FOCAL_LENGTH_35), PHOTO_FOCAL_LENGTH_MAX);
    photo->aperture = metadata_fields_number(get(data, F_NUMBER), PHOTO_APERTURE_MAX);
    if (photo->aperture == 0)
        photo->aperture = metadata_fields_number(exp2(get(data, APERTURE) / 2), PHOTO_APERTURE_MAX);
    photo->exposure = metadata_fields_number(get(data, EXPOSURE_TIME), PHOTO_EXPOSURE_MAX);
    if (photo->exposure == 0)
        photo->exposure =
            metadata_fields_number(exp2(-get(data, SHUTTER_SPEED)), PHOTO_EXPOSURE_MAX);
    photo->iso = read_iso(data);
    if (isfinite(flash))
        photo->flash = ((unsigned)flash & 1) != 0 ? PHOTO_FLASH_FIRED : PHOTO_FLASH_OFF;
}

/* Degrees of a latitude or longitude; NaN unless the file says which hemisphere it is. Cameras that
 * have no minutes or seconds write 0/0 for them, or nothing. */
static double read_degrees(const ExifData *data, int tag, int ref, const char *signs)
{
    const ExifEntry *entry = find(data, EXIF_IFD_GPS, tag);
    const struct metadata_span side = get_text(data, EXIF_IFD_GPS, ref);
    double degrees = get_number(data, EXIF_IFD_GPS, tag, 0);
    double minutes = get_number(data, EXIF_IFD_GPS, tag, 1);
    double seconds = get_number(data, EXIF_IFD_GPS, tag, 2);

    if (entry == NULL || side.data == NULL || side.len == 0)
        return NAN;
    if (isnan(minutes) && entry->components < 3)
        minutes = 0;
    if (isnan(seconds) && !isnan(minutes))
        seconds = 0;
    if (!(degrees >= 0 && minutes >= 0 && minutes < 60 && seconds >= 0 && seconds < 60))
        return NAN;
    degrees += minutes / 60 + seconds / 3600;
    if (side.data[0] == (uint8_t)signs[0])
        return degrees;
    return side.data[0] == (uint8_t)signs[1] ? -degrees : NAN;
}

static void read_place(const ExifData *data, struct photo *photo)
{
    double altitude = get_number(data, EXIF_IFD_GPS, ALTITUDE, 0);

    metadata_fields_place(photo, read_degrees(data, LATITUDE, LATITUDE_REF, "NS"),
                          read_degrees(data, LONGITUDE, LONGITUDE_REF, "EW"));
    if (!photo->has_place)
        return;
    if (get_number(data, EXIF_IFD_GPS, ALTITUDE_REF, 0) == 1)
        altitude = -altitude;
    metadata_fields_altitude(photo, altitude);
}

static void read_exif(struct metadata_span block, struct metadata_fields *fields)
{
    ExifData *data = exif_data_new();

    if (data == NULL)
        return;
    /* Otherwise libexif adds fields that are missing, with today's date. */
    exif_data_unset_option(data, EXIF_DATA_OPTION_FOLLOW_SPECIFICATION);
    exif_data_unset_option(data, EXIF_DATA_OPTION_IGNORE_UNKNOWN_TAGS);
    exif_data_load_data(data, block.data, (unsigned)block.len);
    read_time(data, DATE_TIME_ORIGINAL, SUBSECOND_ORIGINAL, OFFSET_TIME_ORIGINAL,
              &fields->original);
    read_time(data, DATE_TIME_DIGITIZED, SUBSECOND_DIGITIZED, OFFSET_TIME_DIGITIZED,
              &fields->digitized);
    read_texts(data, fields);
    read_exposure(data, &fields->photo);
    read_place(data, &fields->photo);
    exif_data_unref(data);
}

const struct image_metadata_module image_metadata = {IMAGE_MODULE("image_metadata.so"),
                                                     sizeof(struct metadata_fields), read_exif,
                                                     metadata_xmp_read};
