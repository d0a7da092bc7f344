namespace Lambda.TestSupport.Crashes;

/// <summary>What a crash looks like to the code that was calling.</summary>
/// <param name="call">The name of the method that was called.</param>
public sealed class InjectedCrashException(string call) : Exception($"Crashed at {call}.");
