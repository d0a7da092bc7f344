using System.Globalization;

namespace Lambda.Bench;

/// <summary>What a command line says as <c>--name value</c>, again and again.</summary>
internal sealed class OptionPairs
{
    private readonly Dictionary<string, string> _values = [];

    /// <param name="options">The command line.</param>
    /// <param name="known">The names, without dashes.</param>
    /// <exception cref="ArgumentException">There is another name, or one without a value.</exception>
    public OptionPairs(string[] options, params string[] known)
    {
        for (int i = 0; i < options.Length; i += 2)
        {
            string name = options[i].TrimStart('-');
            if (!known.Contains(name) || i + 1 == options.Length)
            {
                string names = string.Join(", ", known.Select(text => $"--{text}"));
                throw new ArgumentException($"'{options[i]}' is not an option with a value: give {names}.");
            }

            _values[name] = options[i + 1];
        }
    }

    public string Text(string name, string usual) => _values.GetValueOrDefault(name, usual);

    public int Number(string name, int usual) => _values.TryGetValue(name, out string? text) ? int.Parse(text, CultureInfo.InvariantCulture) : usual;
}
