/* The subcommands. Each takes its arguments, with its name in argv[0], and returns the exit status.
 */
#ifndef VITRINE_COMMAND_COMMANDS_H
#define VITRINE_COMMAND_COMMANDS_H

int command_check(int argc, char **argv);
int command_export(int argc, char **argv);
int command_fsck(int argc, char **argv);
int command_gc(int argc, char **argv);
int command_rebuild(int argc, char **argv);
int command_settings(int argc, char **argv);
int command_stats(int argc, char **argv);

#endif
