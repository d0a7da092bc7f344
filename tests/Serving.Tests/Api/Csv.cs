using System.Text;

namespace Lambda.Serving.Tests.Api;

/// <summary>A reader of RFC 4180 that shares nothing with the product's writer.</summary>
internal static class Csv
{
    public static List<List<string>> Parse(string text)
    {
        List<List<string>> records = [[]];
        StringBuilder field = new();
        bool isQuoted = false;
        for (int i = 0; i < text.Length; i++)
        {
            char c = text[i];
            if (isQuoted && c == '"' && i + 1 < text.Length && text[i + 1] == '"')
            {
                field.Append('"');
                i++;
            }
            else if (c == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (!isQuoted && c is ',' or '\n' && !isQuoted)
            {
                records[^1].Add(field.ToString());
                field.Clear();
                if (c == '\n')
                {
                    records.Add([]);
                }
            }
            else if (isQuoted || c != '\r')
            {
                field.Append(c);
            }
        }

        records.RemoveAt(records.Count - 1);
        return records;
    }
}
