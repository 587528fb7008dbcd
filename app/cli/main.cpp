#include <cstdio>
#include <cstring>
#include <map>
#include <sstream>
#include <string>

#include "app/cli/command.h"
#include "app/cli/output.h"
#include "app/process_setup.h"
#include "core/base/text.h"

namespace {

using namespace loom;

/// A first word that is neither an option nor a command deserves more than CLI11's "not expected".
bool isUnknownCommand(int argc, char** argv) {
    if (argc < 2 || argv[1][0] == '-') return false;
    std::string known;
    for (const cli::Command& command : cli::commands()) {
        if (std::strcmp(command.name, argv[1]) == 0) return false;
        known += (known.empty() ? "" : ", ") + std::string(command.name);
    }
    cli::printError(
        {"\"" + std::string(argv[1]) + "\" is not a command.", "Commands: " + known + "."});
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    prepareProcess(argv);
    if (isUnknownCommand(argc, argv)) return cli::kMisused;

    CLI::App app("Torchloom without its window: check, train and use networks.", "torchloom-cli");
    app.set_version_flag("--version", "torchloom-cli " TORCHLOOM_VERSION);
    app.require_subcommand(1);
    std::map<const CLI::App*, cli::Run> runs;
    for (const cli::Command& command : cli::commands()) {
        CLI::App* subcommand = app.add_subcommand(command.name, command.summary);
        runs[subcommand] = command.declare(*subcommand);
    }
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        // CLI11 repeats arguments as they came.
        std::ostringstream out, messages;
        const int exitCode = app.exit(error, out, messages);
        std::fputs(cleanText(out.str()).c_str(), stdout);
        std::fputs(cleanText(messages.str()).c_str(), stderr);
        return exitCode == 0 ? cli::kDone : cli::kMisused;
    }
    const int exitCode = runs.at(app.get_subcommands().front())();
    if (std::fflush(stdout) != 0 || std::ferror(stdout))
        return cli::fail({"The result could not be written to standard output."});
    return exitCode;
}
