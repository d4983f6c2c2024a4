/** All commands of `mistnet`; each loads what it needs only when it runs. */
import { Command, CommanderError } from 'commander';
import { addAccountCommands } from './commands/account.ts';
import { addAnswersCommands } from './commands/answers.ts';
import { addBackupCommands } from './commands/backup.ts';
import { addBudgetCommands } from './commands/budget.ts';
import { addCollectionCommands } from './commands/collection.ts';
import { addConfigCommand } from './commands/config.ts';
import { addConversationCommand } from './commands/conversation.ts';
import { addCountsCommand } from './commands/counts.ts';
import { addCredentialCommands } from './commands/credential.ts';
import { addDatasetCommands } from './commands/dataset.ts';
import { addDehydrateCommand } from './commands/dehydrate.ts';
import { addDemoCommand } from './commands/demo.ts';
import { addEmulatorCommand } from './commands/emulator.ts';
import { addFilterCommand } from './commands/filter.ts';
import { addFollowsCommands } from './commands/follows.ts';
import { addHydrateCommand } from './commands/hydrate.ts';
import { addHydrationCommands } from './commands/hydration.ts';
import { addExportCommand } from './commands/export.ts';
import { addImportCommand } from './commands/import.ts';
import { addJobCommands } from './commands/jobs.ts';
import { addOrganizeCommand } from './commands/organize.ts';
import { addPermitsCommand } from './commands/permits.ts';
import { addRebuildCommand } from './commands/rebuild.ts';
import { addRoleCommand } from './commands/role.ts';
import { addSampleCommand } from './commands/sample.ts';
import { addSearchCommand } from './commands/search.ts';
import { addSegmentCommands } from './commands/segment.ts';
import { addStartCommands } from './commands/start.ts';
import { addTimelineCommand } from './commands/timeline.ts';
import { addUrlsCommands } from './commands/urls.ts';
import { addUserCommands } from './commands/user.ts';
import { addUsersCommand } from './commands/users.ts';
import { type CommandContext, type Environment, readVersion } from './context.ts';

/** Runs one command line and answers with the exit code: 0 ok, 1 failed, 2 wrong use, 3 a verify found differences. */
export async function runCommandLine(args: string[], environment: Environment): Promise<number> {
  let exitCode = 0;
  const context: CommandContext = {
    environment,
    setExitCode: (code) => {
      exitCode = code;
    },
  };
  try {
    await commandLine(context).parseAsync(args, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : 2; // commander has said what was wrong
  }
}

/** The tree of commands; `--help` needs nothing else. */
export function commandLine(context: CommandContext): Command {
  const program = new Command('mistnet')
    .description('Collects, keeps and shares social-media posts for people who study or archive them.')
    .version(readVersion(), '--version', 'print the version')
    .exitOverride()
    .showHelpAfterError('(see --help)')
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'mistnet: ')) });
  addDemoCommand(program, context);
  addStartCommands(program, context);
  addEmulatorCommand(program, context);
  addSampleCommand(program, context);
  addFilterCommand(program, context);
  addSearchCommand(program, context);
  addCountsCommand(program, context);
  addTimelineCommand(program, context);
  addUsersCommand(program, context);
  addFollowsCommands(program, context);
  addConversationCommand(program, context);
  addAnswersCommands(program, context);
  addHydrateCommand(program, context);
  addHydrationCommands(program, context);
  addDehydrateCommand(program);
  addCollectionCommands(program, context);
  addAccountCommands(program, context);
  addCredentialCommands(program, context);
  addUserCommands(program, context);
  addJobCommands(program, context);
  addSegmentCommands(program, context);
  addDatasetCommands(program, context);
  addExportCommand(program, context);
  addImportCommand(program, context);
  addUrlsCommands(program, context);
  addPermitsCommand(program, context);
  addBudgetCommands(program, context);
  addBackupCommands(program, context);
  addRebuildCommand(program, context);
  addOrganizeCommand(program, context);
  addConfigCommand(program, context);
  addRoleCommand(program, context);
  return program;
}
