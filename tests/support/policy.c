#include "policy.h"

#include <stdlib.h>
#include <string.h>

#ifdef HAVE_MAGICKWAND_7
#include <MagickWand/MagickWand.h>
#else
#include <wand/MagickWand.h>
#endif

static MagickWand *new_wand(void)
{
    MagickWand *wand;

    MagickWandGenesis();
    wand = NewMagickWand();
    SUPPORT_MUST(wand != NULL);
    return wand;
}

static enum policy_answer answer(MagickWand *wand, bool done)
{
    ExceptionType severity;
    char *text = MagickGetException(wand, &severity);

    SUPPORT_MUST(text != NULL);
    MagickRelinquishMemory(text);
    (void)DestroyMagickWand(wand);
    if (done)
        return POLICY_READ;
    return severity == PolicyError ? POLICY_FORBIDDEN : POLICY_FAILED;
}

enum policy_answer support_policy_read(const char *name, const void *data, size_t len)
{
    MagickWand *wand = new_wand();
    bool done;

    if (data == NULL) {
        done = MagickReadImage(wand, name);
    } else {
        SUPPORT_MUST(MagickSetFilename(wand, name));
        done = MagickReadImageBlob(wand, data, len);
    }
    return answer(wand, done);
}

enum policy_answer support_policy_write(const char *name)
{
    MagickWand *wand = new_wand();

    SUPPORT_MUST(MagickConstituteImage(wand, 1, 1, "RGB", CharPixel, "abc"));
    return answer(wand, MagickWriteImage(wand, name));
}

uint64_t support_policy_limit(const char *resource)
{
    static const struct {
        const char *name;
        ResourceType type;
    } types[] = {{"width", WidthResource},   {"height", HeightResource},
                 {"area", AreaResource},     {"memory", MemoryResource},
                 {"map", MapResource},       {"disk", DiskResource},
                 {"thread", ThreadResource}, {"list-length", ListLengthResource},
                 {"time", TimeResource}};

    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (strcmp(types[i].name, resource) == 0)
            return MagickGetResourceLimit(types[i].type);
    support_abort(__FILE__, __LINE__, "the resource is known");
}
