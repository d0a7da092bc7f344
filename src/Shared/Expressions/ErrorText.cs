namespace Lambda.Expressions;

/// <summary>What an exception of a user's code says.</summary>
internal static class ErrorText
{
    /// <summary>Its type and message; a message that cannot be read is left out, for reading it is the user's code as well.</summary>
    public static string Of(Exception error)
    {
        string type = error.GetType().Name;
        try
        {
            return $"{type}: {error.Message}";
        }
        catch (Exception inMessage) when (inMessage is not OutOfMemoryException)
        {
            return $"{type} (reading its message threw {inMessage.GetType().Name})";
        }
    }
}
