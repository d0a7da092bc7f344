using Lambda.Batch;
using Lambda.Batch.History;
using Lambda.Batch.Scan;
using Lambda.Hosting.Ingest;
using Lambda.Log;
using Lambda.Store;
using Microsoft.Extensions.Options;

namespace Lambda.Hosting.Commands;

/// <summary>Tells errors that have a cause outside of this program, and need no stack trace, from defects, which do.</summary>
internal static class CommandErrors
{
    public static (string Message, int ExitCode) Describe(Exception error) => error switch
    {
        CommandException expected => (expected.Message, expected.ExitCode),
        DefinitionException or OptionsValidationException => (error.Message, ExitCodes.WrongUsage),
        EventLogException or ViewStoreException or IngestException or BatchException or HistoryException or ScanException => (error.Message, ExitCodes.Failed),
        IOException or UnauthorizedAccessException => ($"A file cannot be read or written: {error.Message}", ExitCodes.Failed),
        AggregateException { InnerExceptions: [var single] } => Describe(single),
        _ => ($"This is a defect of the program, not of its use. Please report it with what follows.{Environment.NewLine}{error}", ExitCodes.Failed),
    };
}
