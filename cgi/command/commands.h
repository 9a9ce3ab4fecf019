/* The command's parts, each with its arguments, argv[0] being what
 * it is called. Each gives the exit status. */
#ifndef VITRINE_COMMAND_COMMANDS_H
#define VITRINE_COMMAND_COMMANDS_H

int admin_check(int argc, char **argv);
int admin_export(int argc, char **argv);
int admin_fsck(int argc, char **argv);
int admin_gc(int argc, char **argv);
int admin_rebuild(int argc, char **argv);
int admin_stats(int argc, char **argv);

#endif
