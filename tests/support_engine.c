#include "support_engine.h"

struct image_engine *support_engine;

void support_engine_start(void)
{
    struct config config;

    support_config(support_folder(), &config);
    SUPPORT_MUST(image_engine_new(config.module_dir, config.policy_dir, config.max_pixels,
                                  &support_engine) == VT_OK);
}

void support_engine_stop(void)
{
    image_engine_free(support_engine);
    support_engine = NULL;
}
