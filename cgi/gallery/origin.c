/* An operator's decisions on a catalogue: that one made beside originals is the right one, and that
 * a restored one gets a new epoch. */
#include "gallery/internal.h"

enum vt_error gallery_is_made_anew(struct gallery *gallery, bool *made_anew)
{
    enum catalogue_origin origin = CATALOGUE_SETTLED;
    enum vt_error err = gallery_open(gallery, NULL);

    if (err == VT_OK)
        err = catalogue_origin(gallery->catalogue, &origin);
    *made_anew = origin == CATALOGUE_BESIDE_ORIGINALS;
    return err;
}

enum vt_error gallery_accept(struct gallery *gallery)
{
    enum vt_error err = gallery_open(gallery, NULL);

    if (err == VT_OK)
        err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = catalogue_settle(gallery->catalogue, CATALOGUE_SETTLED);
    if (err == VT_OK)
        return catalogue_commit(gallery->catalogue);
    catalogue_rollback(gallery->catalogue);
    return err;
}

enum vt_error gallery_renew(struct gallery *gallery)
{
    enum vt_error err = gallery_open(gallery, NULL);

    if (err == VT_OK)
        err = catalogue_lock(gallery->catalogue);
    if (err != VT_OK)
        return err;
    err = catalogue_renew(gallery->catalogue);
    if (err == VT_OK)
        return gallery_commit(gallery);
    catalogue_rollback(gallery->catalogue);
    return err;
}
