/* The command's parts, each with its arguments, argv[0] being what
 * it is called. Each gives the exit status. */
#ifndef VITRINE_COMMAND_COMMANDS_H
#define VITRINE_COMMAND_COMMANDS_H

int command_check(int argc, char **argv);
int command_export(int argc, char **argv);
int command_fsck(int argc, char **argv);
int command_gc(int argc, char **argv);
int command_rebuild(int argc, char **argv);
int command_stats(int argc, char **argv);

#endif
