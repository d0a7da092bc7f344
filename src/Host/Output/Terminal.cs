using Spectre.Console;

namespace Lambda.Hosting.Output;

/// <summary>The standard output: tables, and progress bars when a person looks on.</summary>
internal sealed class Terminal
{
    /// <summary>Wide enough that nothing is wrapped where nobody measures the lines.</summary>
    private const int WidthOfFile = 400;

    /// <summary>
    /// More than any table takes. In a narrower console, columns that may not be wrapped are left out until nothing of the table remains; a line that
    /// the terminal itself continues in the next one can be read.
    /// </summary>
    private const int WidthOfTables = 1_000_000;

    private readonly IAnsiConsole _console;
    private readonly TimeProvider _time;

    public Terminal(TimeProvider time)
        : this(time, AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Out) }))
    {
        if (Console.IsOutputRedirected)
        {
            _console.Profile.Width = WidthOfFile;
        }
    }

    /// <summary>Prints to a console of any width.</summary>
    internal Terminal(TimeProvider time, IAnsiConsole console)
    {
        _time = time;
        _console = console;
        IsInteractive = !Console.IsOutputRedirected && _console.Profile.Capabilities.Interactive;
    }

    /// <summary>Whether a person looks on.</summary>
    public bool IsInteractive { get; }

    /// <summary>Prints a line, which is never cut or wrapped. What a terminal would obey is shown instead.</summary>
    public void Line(string text = "") => _console.Profile.Out.Writer.WriteLine(Figures.Printable(text));

    /// <summary>Prints a line that heads what follows.</summary>
    public void Heading(string text) => _console.MarkupLine($"[bold]{Markup.Escape(text)}[/]");

    /// <summary>Prints a table, as wide as it gets. Numbers are right-aligned.</summary>
    public void Table(IReadOnlyList<TableColumn> columns, IEnumerable<IReadOnlyList<string>> rows)
    {
        Table table = new() { Border = TableBorder.Simple, UseSafeBorder = true };
        foreach (TableColumn column in columns)
        {
            Spectre.Console.TableColumn shown = new(new Text(column.Name));
            shown.NoWrap();
            table.AddColumn(column.IsNumber ? shown.RightAligned() : shown);
        }

        foreach (IReadOnlyList<string> row in rows)
        {
            table.AddRow(row.Select(cell => new Text(Figures.Cell(cell))));
        }

        int width = _console.Profile.Width;
        _console.Profile.Width = WidthOfTables;
        _console.Write(table);
        _console.Profile.Width = width;
    }

    /// <summary>Does long work under a progress bar, or with a line now and then when nobody looks on.</summary>
    public async Task<T> ProgressAsync<T>(string title, Func<IProgress<WorkProgress>, Task<T>> work)
    {
        if (!IsInteractive)
        {
            return await work(new ProgressLines(this, title, _time)).ConfigureAwait(false);
        }

        ProgressColumn[] columns =
            [new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn(), new PercentageColumn(), new SpinnerColumn()];
        return await _console.Progress().Columns(columns).StartAsync(async context =>
        {
            ProgressTask bar = context.AddTask(Markup.Escape(title), maxValue: 1);
            T result = await work(new ProgressBar(bar, title)).ConfigureAwait(false);
            bar.Value = 1;
            bar.IsIndeterminate = false;
            return result;
        }).ConfigureAwait(false);
    }

    private sealed class ProgressBar(ProgressTask bar, string title) : IProgress<WorkProgress>
    {
        public void Report(WorkProgress value)
        {
            bar.IsIndeterminate = value.Share is null;
            bar.Value = value.Share ?? 0;
            bar.Description = Markup.Escape($"{title}: {value.Text}");
        }
    }
}

/// <summary>A column of a table.</summary>
/// <param name="Name">Its heading.</param>
/// <param name="IsNumber">Whether it holds numbers.</param>
internal readonly record struct TableColumn(string Name, bool IsNumber);

/// <summary>How far long work has come.</summary>
/// <param name="Share">The share that is done, from 0 to 1; null when it is not known.</param>
/// <param name="Text">What is being done, or how fast.</param>
internal readonly record struct WorkProgress(double? Share, string Text);
