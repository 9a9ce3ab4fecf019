/* The main() of every unit test: runs the suite, each test in a process of its own, and writes TAP
 * for Automake's driver. */
#include <stdlib.h>

#include "support.h"

int main(void)
{
    SRunner *runner = srunner_create(make_suite());
    int failed;

    srunner_set_tap(runner, "-");
    srunner_run_all(runner, CK_SILENT);
    failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
